import type { Codec } from 'sc-protocol';
import { refuseUnknown, requireRule } from 'sc-protocol/options';
import {
  type Rule,
  aFunction,
  anObject,
  checkOption,
  count,
  flag,
  functions,
  milliseconds,
  number,
  oneOf,
  path,
  query,
  socketUrl,
  text,
} from './option-rules.js';
import type { WsOptions } from './platform.js';
import type { ReconnectOptions } from './reconnect.js';
import type { TokenSource } from './authenticator.js';
import type { AuthEngine } from './token-store.js';

/** What `connect` takes. Times are in milliseconds. A field set to `undefined` counts as absent. */
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
   * Gives a token when the store has none that is still valid: before a handshake, and when the present one expires.
   * `null` means that nobody is logged in; throwing makes the attempt to connect fail.
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

export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
type QueryValue = string | number | boolean;

/** Options with every default that does not depend on where the client runs. */
export type ResolvedOptions = Omit<Defined<ClientOptions>, keyof typeof defaults> &
  Required<Pick<Defined<ClientOptions>, Exclude<keyof typeof defaults, 'autoReconnectOptions'>>> & {
    readonly autoReconnectOptions: ReconnectOptions;
  };

type Defined<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> };

const reconnectDefaults: ReconnectOptions = { initialDelay: 200, randomness: 1800, multiplier: 2, maxDelay: 30_000 };

const defaults = {
  path: '/socketcluster/',
  ackTimeout: 10_000,
  connectTimeout: 20_000,
  autoConnect: true,
  autoReconnect: true,
  autoReconnectOptions: reconnectDefaults,
  autoSubscribeOnConnect: true,
  binaryType: 'arraybuffer',
  protocolVersion: 2,
  pingTimeoutDisabled: false,
  outboxLimit: 1000,
  outboxTimeout: 60_000,
  outboxPolicy: 'refuse',
} satisfies ClientOptions;

const rules: Readonly<Record<keyof ClientOptions, Rule>> = {
  url: socketUrl,
  hostname: text,
  port: number(1, 65_535),
  host: text,
  secure: flag,
  path,
  query,
  ackTimeout: milliseconds(1),
  connectTimeout: milliseconds(1),
  autoConnect: flag,
  autoReconnect: flag,
  autoReconnectOptions: anObject,
  autoSubscribeOnConnect: flag,
  authTokenName: text,
  authEngine: functions('loadToken', 'saveToken', 'removeToken'),
  auth: aFunction,
  binaryType: oneOf('arraybuffer'),
  codecEngine: functions('encode', 'decode'),
  protocolVersion: oneOf(1, 2),
  pingTimeoutDisabled: flag,
  wsOptions: anObject,
  outboxLimit: count,
  outboxTimeout: milliseconds(1),
  outboxPolicy: oneOf('refuse', 'dropOldest'),
};

const reconnectRules: Readonly<Record<keyof ReconnectOptions, Rule>> = {
  initialDelay: milliseconds(0),
  randomness: milliseconds(0),
  multiplier: number(1, 100),
  maxDelay: milliseconds(0),
};

/** Names of the original that mean something else today. */
const renamed: Readonly<Record<string, string>> = {
  protocol: '`secure: true`',
  autoProcessSubscriptions: '`autoSubscribeOnConnect`',
  initTimeout: '`connectTimeout`',
  delay: '`initialDelay`',
};

/** Checks the options and adds the defaults. Throws `InvalidOptionsError` for the first that breaks its rule. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  checkOption(anObject, 'options', options);
  const given = checked(options, rules, '');
  for (const part of ['hostname', 'port', 'host', 'secure', 'path', 'query'] as const) {
    const isTwice = given.url !== undefined && given[part] !== undefined;
    requireRule(!isTwice, part, 'absent when there is a `url`', given[part]);
  }
  const reconnect = checked(given.autoReconnectOptions ?? {}, reconnectRules, 'autoReconnectOptions.');
  return { ...defaults, ...given, autoReconnectOptions: { ...reconnectDefaults, ...reconnect } };
}

function checked<Options extends object>(
  options: Options,
  known: Readonly<Record<string, Rule>>,
  prefix: string,
): Defined<Options> {
  refuseUnknown(options, Object.keys(known), { prefix, renamed });
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const rule = known[name];
    if (value === undefined || rule === undefined) continue;
    checkOption(rule, `${prefix}${name}`, value);
    given[name] = value;
  }
  return given as Defined<Options>;
}
