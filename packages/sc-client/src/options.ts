import type { Codec } from 'sc-protocol';
import { InvalidOptionsError } from 'sc-protocol';
import { requireRule } from 'sc-protocol/options';
import { type Rule, beginning, checkOption, functions, milliseconds, number, oneOf, type } from './option-rules.js';
import type { Platform, WsOptions } from './platform.js';
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

const reconnectDefaults: ReconnectOptions = { initialDelay: 200, randomness: 1300, multiplier: 2, maxDelay: 30_000 };

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

const text = /* @__PURE__ */ type('string');
const flag = /* @__PURE__ */ type('boolean');
const anObject = /* @__PURE__ */ type('object');

const rules: Readonly<Record<keyof ClientOptions, Rule>> = {
  url: beginning('ws://', 'wss://', 'http://', 'https://'),
  hostname: text,
  port: number(1, 65_535),
  host: text,
  secure: flag,
  path: beginning('/'),
  query: (value) => text(value) && anObject(value) && 'a string or an object',
  ackTimeout: milliseconds(1),
  connectTimeout: milliseconds(1),
  autoConnect: flag,
  autoReconnect: flag,
  autoReconnectOptions: anObject,
  autoSubscribeOnConnect: flag,
  authTokenName: text,
  authEngine: functions('loadToken', 'saveToken', 'removeToken'),
  auth: type('function'),
  binaryType: oneOf('arraybuffer'),
  codecEngine: functions('encode', 'decode'),
  protocolVersion: oneOf(1, 2),
  pingTimeoutDisabled: flag,
  wsOptions: anObject,
  outboxLimit: number(0, Infinity),
  outboxTimeout: milliseconds(1),
  outboxPolicy: oneOf('refuse', 'dropOldest'),
};

const reconnectRules: Readonly<Record<keyof ReconnectOptions, Rule>> = {
  initialDelay: milliseconds(0),
  randomness: milliseconds(0),
  multiplier: number(1, 100),
  maxDelay: milliseconds(0),
};

/** Checks the options and adds the defaults. Throws `InvalidOptionsError` for the first that breaks its rule. */
export function resolveOptions(options: ClientOptions, { optionHint }: Pick<Platform, 'optionHint'>): ResolvedOptions {
  const checked = (group: object, known: Readonly<Record<string, Rule>>, prefix: string): object => {
    const given: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(group) as [string, unknown][]) {
      const option = prefix + name;
      if (!Object.hasOwn(known, name)) {
        const hint = optionHint?.(name, Object.keys(known), prefix) ?? '';
        throw new InvalidOptionsError(`\`${option}\` is not an option${hint}`, { option });
      }
      if (value === undefined) continue;
      checkOption(known[name] as Rule, option, value);
      given[name] = value;
    }
    return given;
  };
  checkOption(anObject, 'options', options);
  const given: ClientOptions = checked(options, rules, '');
  for (const part of ['hostname', 'port', 'host', 'secure', 'path', 'query'] as const) {
    requireRule(given.url === undefined || !given[part], part, 'absent when there is a `url`', given[part]);
  }
  const reconnect = checked(given.autoReconnectOptions ?? {}, reconnectRules, 'autoReconnectOptions.');
  // Without `undefined`: `checked` has left it out.
  return { ...defaults, ...given, autoReconnectOptions: { ...reconnectDefaults, ...reconnect } } as ResolvedOptions;
}
