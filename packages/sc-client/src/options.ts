import type { Codec } from 'sc-protocol';
import type { ChannelOptionChecks } from 'sc-channel';
import type { WsOptions } from './platform.js';
import type { ReconnectOptions } from './reconnect.js';
import type { AuthEngine, TokenSource } from './token-store.js';

/** Options of `connect`. Times are in milliseconds. A field set to `undefined` counts as absent. */
export interface ClientOptions {
  /** Shortcut for `secure`, `hostname`, `port`, `path` and `query`: `wss://example.com:8000/socketcluster/?a=1`. */
  readonly url?: string | undefined;
  /** Host to connect to. @default the page's host, elsewhere 'localhost' */
  readonly hostname?: string | undefined;
  /** Port to connect to. @default the page's port when the host is the page's, else 443 with `secure` and 80 without */
  readonly port?: number | undefined;
  /** Host and port in one, instead of `hostname` and `port`: `example.com:8000`. */
  readonly host?: string | undefined;
  /** Use TLS. @default true when the page came by https */
  readonly secure?: boolean | undefined;
  /** @default '/socketcluster/' */
  readonly path?: string | undefined;
  /** Query of the URL, for the server's handshake middleware. Do not put secrets here: URLs end up in logs. */
  readonly query?: string | Query | undefined;
  /** How long a call waits for its answer, unless it says otherwise. @default 10000 */
  readonly ackTimeout?: number | undefined;
  /** How long connecting may take, handshake included. @default 20000 */
  readonly connectTimeout?: number | undefined;
  /** Connect when the socket is made. @default true */
  readonly autoConnect?: boolean | undefined;
  /** Connect again after a connection was lost, unless its close code forbids it. @default true */
  readonly autoReconnect?: boolean | undefined;
  /** How long to wait before that. */
  readonly autoReconnectOptions?: Partial<ReconnectOptions> | undefined;
  /** Ask for pending channels on each new connection. @default true */
  readonly autoSubscribeOnConnect?: boolean | undefined;
  /** Under which name the token is stored. @default 'socketcluster.authToken.HOST' */
  readonly authTokenName?: string | undefined;
  /** Where the token is stored. @default localStorage where there is one, else memory */
  readonly authEngine?: AuthEngine | null | undefined;
  /**
   * Returns a token when the storage has no valid one: before a handshake, and before the current token expires. `null`
   * means that no user is logged in. If it throws, the connection attempt fails; later it is called again with backoff.
   */
  readonly auth?: TokenSource | undefined;
  /** In which form binary messages come. Only 'arraybuffer' keeps the order of messages. @default 'arraybuffer' */
  readonly binaryType?: 'arraybuffer' | undefined;
  /** How frames become messages; the server must use the same. @default JSON */
  readonly codecEngine?: Codec | null | undefined;
  /** How pings are spelled: 2 as empty text, 1 as `#1` for servers before version 15 of the original. @default 2 */
  readonly protocolVersion?: 1 | 2 | undefined;
  /** Do not give a connection up when the server's pings stay away. @default false */
  readonly pingTimeoutDisabled?: boolean | undefined;
  /**
   * Node.js only: options for the WebSocket of the `ws` package, such as `headers`, `agent`, `ca` or `maxPayload`
   * (16 MiB by default); and `socketPath` to connect to a unix socket.
   */
  readonly wsOptions?: WsOptions | undefined;
  /** Most events and calls that wait while there is no connection. @default 1000 */
  readonly outboxLimit?: number | undefined;
  /** How long an event without an answer may wait there; calls have their own deadline. @default 60000 */
  readonly outboxTimeout?: number | undefined;
  /** At the limit, refuse the new one with `ResourceLimitError`, or drop the oldest. @default 'refuse' */
  readonly outboxPolicy?: 'refuse' | 'dropOldest' | undefined;
}

/** Functions that throw for wrong options and names. Production builds for pages do without. */
export interface OptionChecks {
  /** Throws `InvalidArgumentsError` for a name that no event or procedure of an application can have. */
  eventName(name: string): void;
  connect(options: ClientOptions): void;
  readonly channels: ChannelOptionChecks;
}

/** Parameters of the URL's query, by name. */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
type QueryValue = string | number | boolean;

/** Options with every default that does not depend on where the client runs. */
export type ResolvedOptions = Omit<Defined<ClientOptions>, keyof typeof defaults | 'autoReconnectOptions'> &
  Required<Pick<Defined<ClientOptions>, keyof typeof defaults>> & {
    readonly autoReconnectOptions: ReconnectOptions;
  };

type Defined<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> };

const reconnectDefaults = {
  initialDelay: 200,
  randomness: 1300,
  multiplier: 2,
  maxDelay: 30_000,
} satisfies ReconnectOptions;

const defaults = {
  path: '/socketcluster/',
  ackTimeout: 10_000,
  connectTimeout: 20_000,
  autoConnect: true,
  autoReconnect: true,
  autoSubscribeOnConnect: true,
  protocolVersion: 2,
  pingTimeoutDisabled: false,
  outboxLimit: 1000,
  outboxTimeout: 60_000,
  outboxPolicy: 'refuse',
} satisfies ClientOptions;

/** Adds the defaults, also where a field is `undefined`. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { autoReconnectOptions, ...given } = options;
  return {
    ...withDefaults(defaults, given),
    autoReconnectOptions: withDefaults(reconnectDefaults, autoReconnectOptions),
  } as ResolvedOptions;
}

function withDefaults(defaultsOf: Readonly<Record<string, unknown>>, given: object = {}): object {
  const all: Record<string, unknown> = { ...given };
  for (const name in defaultsOf) all[name] ??= defaultsOf[name];
  return all;
}
