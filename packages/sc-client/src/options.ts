import type { Codec } from 'sc-protocol';
import type { ChannelOptionChecks } from 'sc-channel';
import { count, duration, flag, number, oneOf, text, value, type UndefinableOptionsOf } from 'sc-protocol/kit';
import {
  beginning,
  emptyProblem,
  functionsProblem,
  hostProblem,
  objectProblem,
  queryProblem,
} from './option-problems.js';
import type { WsOptions } from './platform.js';
import type { ReconnectOptions } from './reconnect.js';
import type { AuthEngine, TokenSource } from './token-store.js';

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
  protocolVersion: 2 as 1 | 2,
  pingTimeoutDisabled: false,
  outboxLimit: 1000,
  outboxTimeout: 60_000,
  outboxPolicy: 'refuse' as 'refuse' | 'dropOldest',
};

/**
 * Declarations of the options of `connect`. Only the entries that check options use them: a bundler drops the call for
 * pages in production, where the defaults above are enough.
 */
export const clientTable = /* @__PURE__ */ (() => {
  return {
    /**
     * Shorthand for `secure`, `hostname`, `port`, `path` and `query`, which must then be absent:
     * `wss://example.com:8000/socketcluster/?a=1`.
     */
    url: text({ check: beginning('ws://', 'wss://', 'http://', 'https://') }),
    /** Host to connect to. @default the page's host, elsewhere `'localhost'` */
    hostname: text({ check: hostProblem }),
    /** Port to connect to. @default the page's port when the host is the page's, else that of the scheme */
    port: count({ min: 1, max: 65_535 }),
    /** Host and port combined, instead of `hostname` and `port`: `example.com:8000`. */
    host: text({ check: hostProblem }),
    /** Use TLS. @default `true` when the page came by https */
    secure: flag(),
    /** Path of the server's endpoint. */
    path: text({ default: defaults.path, check: beginning('/') }),
    /**
     * Query of the URL, for the server's handshake middleware: text, or an object of strings, numbers, booleans and
     * lists of them. Do not put secrets here: URLs end up in logs.
     */
    query: value<string | Query>({ check: queryProblem }),
    /** Default time limit for the answer to a call. */
    ackTimeout: duration({ default: defaults.ackTimeout }),
    /** Time limit for connecting, including the handshake. */
    connectTimeout: duration({ default: defaults.connectTimeout }),
    /** Connect when the socket is created. */
    autoConnect: flag({ default: defaults.autoConnect }),
    /** Reconnect after a connection was lost, unless its close code forbids it. */
    autoReconnect: flag({ default: defaults.autoReconnect }),
    /**
     * Delays of the reconnection: `initialDelay` (200) is the minimum delay before the first attempt, `randomness`
     * (1300) the range of its random part, `multiplier` (2) the growth factor per attempt, `maxDelay` (30000) the
     * maximum.
     * @default see above
     */
    autoReconnectOptions: value<Partial<ReconnectOptions>>(),
    /** Request pending channels on each new connection. */
    autoSubscribeOnConnect: flag({ default: defaults.autoSubscribeOnConnect }),
    /** Name under which the token is stored. @default `'socketcluster.authToken.HOST'` */
    authTokenName: text({ check: emptyProblem }),
    /**
     * Storage of the token: an object with `loadToken(name)`, `saveToken(name, token, options)` and
     * `removeToken(name)`, which return a value or a promise, and, if the token may be changed by others,
     * `watchToken(name, changed)`. Available are `memoryTokenStore()` in `sc-client` and `cookieTokenStore(options)`
     * in `sc-client/cookie`.
     * @default `localStorage` where there is one that works, else memory
     */
    authEngine: value<AuthEngine | null>({ check: functionsProblem('loadToken', 'saveToken', 'removeToken') }),
    /**
     * Returns a token, or a promise of one, when the storage has no valid one: before a handshake, and before the
     * current token expires. `null` means that no user is logged in. If it throws, the connection attempt fails; when
     * the current token is about to expire, it is called again with backoff.
     */
    auth: value<TokenSource>({ check: (source) => (typeof source === 'function' ? undefined : 'must be a function') }),
    /** Form of binary messages. Only `'arraybuffer'` keeps the order of messages. @default `'arraybuffer'` */
    binaryType: oneOf(['arraybuffer']),
    /**
     * Codec for messages, instead of JSON; the server must use the same. `msgpackCodec` of `sc-client/msgpack` is
     * negotiated by WebSocket subprotocol with a server that lists it in `codecs`.
     * @default JSON
     */
    codecEngine: value<Codec | null>({ check: functionsProblem('encode', 'decode') }),
    /** Format of pings: 2 for empty text, 1 for `#1`, as sent by servers before version 15 of the original. */
    protocolVersion: oneOf([1, 2], { default: defaults.protocolVersion }),
    /** Do not close the connection if the server's pings stop. */
    pingTimeoutDisabled: flag({ default: defaults.pingTimeoutDisabled }),
    /**
     * Node only: options for the WebSocket of the `ws` package, such as `headers`, `agent`, `ca` or `maxPayload` (16
     * MiB by default), and `socketPath` to connect to a unix socket.
     */
    wsOptions: value<WsOptions>({ check: objectProblem }),
    /** Maximum number of events and calls that are queued while disconnected. */
    outboxLimit: number({ default: defaults.outboxLimit, min: 0 }),
    /** Time that an event without an answer may stay queued; calls have their own deadline. */
    outboxTimeout: duration({ default: defaults.outboxTimeout }),
    /** Policy at the limit: refuse the new entry with `ResourceLimitError`, or drop the oldest. */
    outboxPolicy: oneOf(['refuse', 'dropOldest'], { default: defaults.outboxPolicy }),
  };
})();

/** Declarations of the fields of `autoReconnectOptions`. */
export const reconnectTable = /* @__PURE__ */ (() => {
  return {
    initialDelay: duration({ default: reconnectDefaults.initialDelay, allowZero: true }),
    randomness: duration({ default: reconnectDefaults.randomness, allowZero: true }),
    multiplier: number({ default: reconnectDefaults.multiplier, min: 1, max: 100 }),
    maxDelay: duration({ default: reconnectDefaults.maxDelay, allowZero: true }),
  };
})();

/** Options of `connect`. Times are in milliseconds. A field set to `undefined` counts as absent. */
export interface ClientOptions extends UndefinableOptionsOf<typeof clientTable> {}

/** Functions that throw for invalid options and names. Production builds for pages omit them. */
export interface OptionChecks {
  /** Throws `InvalidArgumentsError` for a name that no event or procedure of an application can have. */
  eventName(name: string): void;
  connect(options: ClientOptions): void;
  readonly channels: ChannelOptionChecks;
}

/** Parameters of the URL's query, by name. */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
type QueryValue = string | number | boolean;

/** Options with all defaults that do not depend on the platform. */
export type ResolvedOptions = Omit<Defined<ClientOptions>, keyof typeof defaults | 'autoReconnectOptions'> &
  Required<Pick<Defined<ClientOptions>, keyof typeof defaults>> & {
    readonly autoReconnectOptions: ReconnectOptions;
  };

type Defined<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> };

/** Adds the defaults, including for fields that are `undefined`. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { autoReconnectOptions, ...given } = options;
  return {
    ...withDefaults(defaults, given),
    autoReconnectOptions: withDefaults(reconnectDefaults, autoReconnectOptions),
  } as ResolvedOptions;
}

function withDefaults(defaultsOf: Readonly<Record<string, unknown>>, given: object = {}): object {
  const all: Record<string, unknown> = { ...given };
  // `null` means "not given", like `undefined`.
  for (const name in all) all[name] ??= undefined;
  for (const name in defaultsOf) all[name] ??= defaultsOf[name];
  return all;
}
