import { InvalidOptionsError, maxNameBytes, maxNestingDepth, type Codec } from 'sc-protocol';
import { ChannelRuleTable, type ChannelRules, type Store } from 'ndata-store';
import { checkOptions, type Rules } from '../kit/options/check.js';
import { jsonFromText, listFromText, numberOr } from '../kit/options/from-text.js';
import { withoutUndefined } from '../kit/options/without-undefined.js';
import type { Logger } from '../log/logger.js';
import { authDefaults, authRules, type AuthOptions } from '../auth/options.js';
import { generateAuthKey } from '../auth/keys.js';
import { createClientAddress, type TrustProxy } from '../http/client-address.js';
import { codecProblem } from '../channels/codec-choice.js';
import { legacyDefaults, legacyRules, type LegacyOptions } from './legacy-options.js';
import { broadOrigin, parseOrigins } from '../http/origins.js';
import { sessionDefaults, sessionRules, type SessionOptions } from '../sessions/options.js';
import { checkHttpTimes, httpDefaults, httpRules, type HttpOptions } from './http-timeouts.js';
import { renamedServerOptions } from './renamed-options.js';

/** Options of `SCServer.attach` and `SCServer.listen`. Times are milliseconds, sizes are bytes. */
export interface SCServerOptions extends AuthOptions, LegacyOptions, SessionOptions, HttpOptions {
  /** URL path of the WebSocket endpoint. @default '/socketcluster/' */
  path?: string;
  /**
   * Origins whose pages may connect, beside the server's own: exact `https://app.example.com`, whole labels
   * `https://*.example.com`, any port `http://localhost:*`, pages of apps and extensions `capacitor://localhost`, or
   * `'null'` for pages without an origin. `'*'` allows every origin. A request without an Origin header (not a browser)
   * is a matter of `allowNoOrigin`. @default []
   */
  origins?: string | readonly string[];
  /**
   * Whether a request without an Origin header, which comes from a program rather than from a page, may become a socket.
   * Cookies never authenticate it. @default true
   */
  allowNoOrigin?: boolean;
  /**
   * Whether a page that sends no auth token in its handshake is authenticated by the cookie `authCookieName`, which a
   * login over HTTP has set to a signed token. Not together with `origins` that pages of any site match. @default false
   */
  authCookie?: boolean;
  /** How long the first frame, `#handshake`, may take. @default 10000 */
  handshakeTimeout?: number;
  /** How long an answer of the client to a call may take. @default 10000 */
  ackTimeout?: number;
  /** How long one run of a middleware line may take. @default 10000 */
  middlewareTimeout?: number;
  /** Time between pings to a client. @default 8000 */
  pingInterval?: number;
  /** Silence after which a client is given up. Must be greater than `pingInterval`. @default 20000 */
  pingTimeout?: number;
  /** `1` or `2` when all clients speak that protocol; `'auto'` finds out for each. @default 'auto' */
  protocolVersion?: 'auto' | 1 | 2;
  /** Whether clients may publish. @default true */
  allowClientPublish?: boolean;
  /** Most channels that one socket may be subscribed to. @default 128 */
  socketChannelLimit?: number;
  /**
   * Channels that one socket may subscribe to and tokens that it may present after its handshake, a second, with a burst
   * of twice `socketChannelLimit`. Above it the socket is closed with 1008. 0 lifts the limit. @default 20
   */
  subscribeRate?: number;
  /** Largest message that a client may send; a larger one closes with 1009. Clients of ours are told. @default 1048576 */
  maxPayloadBytes?: number;
  /**
   * Largest message before the handshake is done, a token of 8 KB included; a larger one closes with 1009.
   * @default 10240
   */
  maxHandshakeBytes?: number;
  /** Most fragments of one message; more close with 1008. @default 1024 */
  maxFragments?: number;
  /** How long a message may take to come whole, from its first byte; one that takes longer closes with 1008. @default 10000 */
  messageTimeout?: number;
  /** Longest name of a channel, event or procedure that a client may use, in bytes: at most what the protocol allows. @default 255 */
  maxNameBytes?: number;
  /** Deepest nesting of data that a client may send: at most what the protocol allows. Deeper data closes with 4010. @default 64 */
  maxNestingDepth?: number;
  /** Most calls of one client that may be unanswered; more get a `ResourceLimitError`. @default 256 */
  maxOutstandingCalls?: number;
  /** Failed attempts in a row to authenticate; the next one closes with 1008. @default 5 */
  maxAuthFailures?: number;
  /**
   * Bytes that may wait for one slow client before it is closed with 4011. A frame that is larger does not count while the
   * client takes it: it is closed when it takes nothing for ten seconds. @default 1048576
   */
  maxPendingBytes?: number;
  /**
   * Bytes that may wait for all clients of this process together; beyond, the slowest are closed with 4011.
   * @default 67108864
   */
  maxPendingBytesOfAll?: number;
  /**
   * Bytes that may wait for one client before volatile events and publications for it are dropped. 0 drops them as soon
   * as anything waits. @default 65536
   */
  maxVolatilePendingBytes?: number;
  /**
   * Publications that may wait for the line `publishOut` of one client before it is closed with 4011. @default 1024
   */
  maxPublishOutQueue?: number;
  /**
   * Publications that one client may be brought when it comes back: who has missed more is told so instead. It is read and
   * sent whole, or not at all. 0 brings none. @default 1000
   */
  recoverLimit?: number;
  /** Bytes of them, likewise. @default 1048576 */
  maxRecoverBytes?: number;
  /** Frames a second that one socket may send, with a burst of twice that. 0 lifts the limit. @default 500 */
  inboundRate?: number;
  /**
   * Policy above `inboundRate`: `'pause'` stops reading until the allowance is replenished, so that TCP slows the
   * client down; `'close'` closes with 1008. @default 'pause'
   */
  inboundRatePolicy?: 'pause' | 'close';
  /**
   * New connections a second that this process takes, with a burst of five times that; the rest get HTTP 503 with
   * `Retry-After`. 0 lifts the limit. @default 1000
   */
  connectionRate?: number;
  /**
   * Refuses new connections with HTTP 503 while the event loop is later than this for seconds, in milliseconds. 0 never
   * does. @default 200
   */
  maxEventLoopLag?: number;
  /** Refuses new connections likewise while more than this percentage of the heap is used. 0 never does. @default 85 */
  maxHeapPercent?: number;
  /**
   * Proxies in front of the server whose `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` are believed: how
   * many there are, or their addresses, such as `['10.0.0.0/8']`. @default 0
   */
  trustProxy?: TrustProxy;
  /**
   * Denies what no middleware has allowed: without middleware on the line `subscribe` clients cannot subscribe, without
   * any on `publishIn` they cannot publish. @default false
   */
  secure?: boolean;
  /** How long `close()` waits for HTTP requests under way before it cuts them. In a worker at most 80 % of `processTermTimeout`. @default 10000 */
  closeTimeout?: number;
  /** How messages are encoded when not as JSON. Clients must use the same. @default JSON */
  codecEngine?: Codec;
  /** Codecs that a client may choose by WebSocket subprotocol. @default [] */
  codecs?: readonly Codec[];
  /**
   * Rules for kept publications, by pattern of the channel name: `{ 'chat/{room}': { history: { size: 100, ageMs:
   * 120_000 } } }`. `{name}` matches one part without `/`, a final `*` matches the rest; the first matching pattern
   * applies. Volatile publications are never kept. Cannot be combined with `store`, which has its own rules. @default
   * none: no publications are kept
   */
  channels?: ChannelRules;
  /** Carries publications and data. @default an in-process store */
  store?: Store;
  /** Receives warnings and errors. @default lines on stderr */
  logger?: Logger;
}

/** Options without a default stay optional. */
type Bare = Exclude<keyof SCServerOptions, keyof typeof serverDefaults>;

export type ResolvedServerOptions = Required<Omit<SCServerOptions, Bare>> &
  Pick<SCServerOptions, Bare> & { readonly hasRandomAuthKey: boolean };

/** Static defaults of the server's options. */
export const serverDefaults = {
  path: '/socketcluster/',
  origins: [] as readonly string[],
  allowNoOrigin: true,
  ...authDefaults,
  ...legacyDefaults,
  ...sessionDefaults,
  ...httpDefaults,
  authCookie: false,
  handshakeTimeout: 10_000,
  ackTimeout: 10_000,
  middlewareTimeout: 10_000,
  pingInterval: 8_000,
  pingTimeout: 20_000,
  protocolVersion: 'auto',
  allowClientPublish: true,
  socketChannelLimit: 128,
  subscribeRate: 20,
  maxPayloadBytes: 1_048_576,
  maxHandshakeBytes: 10_240,
  maxFragments: 1024,
  messageTimeout: 10_000,
  maxNameBytes,
  maxNestingDepth,
  maxOutstandingCalls: 256,
  maxAuthFailures: 5,
  maxPendingBytes: 1_048_576,
  maxPendingBytesOfAll: 67_108_864,
  maxVolatilePendingBytes: 65_536,
  maxPublishOutQueue: 1024,
  recoverLimit: 1000,
  maxRecoverBytes: 1_048_576,
  inboundRate: 500,
  inboundRatePolicy: 'pause',
  connectionRate: 1000,
  maxEventLoopLag: 200,
  maxHeapPercent: 85,
  trustProxy: 0,
  secure: false,
  closeTimeout: 10_000,
  codecs: [],
} as const satisfies Partial<SCServerOptions>;

/** The rule of each option; the cluster's options include them. */
export const serverRules: Rules<SCServerOptions> = {
  path: { type: 'string', check: (value) => (value.startsWith('/') ? undefined : 'must start with "/"') },
  origins: { type: 'any', check: originsProblem, fromText: listFromText },
  allowNoOrigin: { type: 'boolean' },
  ...authRules,
  ...legacyRules,
  ...sessionRules,
  ...httpRules,
  authCookie: { type: 'boolean' },
  handshakeTimeout: { type: 'duration' },
  ackTimeout: { type: 'duration' },
  middlewareTimeout: { type: 'duration' },
  pingInterval: { type: 'duration' },
  pingTimeout: { type: 'duration' },
  protocolVersion: { type: 'one-of', values: ['auto', 1, 2] },
  allowClientPublish: { type: 'boolean' },
  socketChannelLimit: { type: 'count', min: 1 },
  subscribeRate: { type: 'count', min: 0 },
  maxPayloadBytes: { type: 'count', min: 128 },
  maxHandshakeBytes: { type: 'count', min: 128 },
  maxFragments: { type: 'count', min: 1 },
  messageTimeout: { type: 'duration' },
  maxNameBytes: { type: 'count', min: 1, max: maxNameBytes },
  maxNestingDepth: { type: 'count', min: 1, max: maxNestingDepth },
  maxOutstandingCalls: { type: 'count', min: 1 },
  maxAuthFailures: { type: 'count', min: 1 },
  maxPendingBytes: { type: 'count', min: 1024 },
  maxPendingBytesOfAll: { type: 'count', min: 1024 },
  maxVolatilePendingBytes: { type: 'count', min: 0 },
  maxPublishOutQueue: { type: 'count', min: 1 },
  recoverLimit: { type: 'count', min: 0, max: 9999 },
  maxRecoverBytes: { type: 'count', min: 0 },
  inboundRate: { type: 'count', min: 0 },
  inboundRatePolicy: { type: 'one-of', values: ['pause', 'close'] },
  connectionRate: { type: 'count', min: 0 },
  maxEventLoopLag: { type: 'duration', allowZero: true },
  maxHeapPercent: { type: 'count', min: 0, max: 100 },
  trustProxy: { type: 'any', check: trustProxyProblem, fromText: numberOr(listFromText) },
  secure: { type: 'boolean' },
  closeTimeout: { type: 'duration' },
  codecEngine: { type: 'any', check: codecProblem },
  codecs: { type: 'any', check: codecsProblem },
  channels: { type: 'any', fromText: jsonFromText },
  store: {
    type: 'any',
    check: functionsProblem([
      'open',
      'publishPayload',
      'publishWithoutAck',
      'giveOrder',
      'takeOrders',
      'get',
      'set',
      'on',
      'off',
    ]),
  },
  logger: { type: 'any', check: functionsProblem(['error', 'warn', 'info', 'debug']) },
};

export function resolveServerOptions(options: SCServerOptions): ResolvedServerOptions {
  checkOptions('SCServer', options, serverRules, renamedServerOptions);
  const merged = { ...serverDefaults, ...withoutUndefined(options) };
  checkTimes(merged);
  checkHttpTimes(merged);
  checkAuthCookie(merged);
  checkChannels(options);
  const path = merged.path.endsWith('/') ? merged.path : `${merged.path}/`;
  const hasRandomAuthKey = !hasAuthKey(options);
  return { ...merged, path, ...(hasRandomAuthKey && { authKey: generateAuthKey() }), hasRandomAuthKey };
}

const secretOptions: ReadonlySet<string> = new Set(['authKey', 'authPrivateKey', 'authVerifyKeys', 'sessionKey']);

/** The options as the application may see them. */
export function withoutSecrets(options: ResolvedServerOptions): ResolvedServerOptions {
  const visible = Object.entries(options).filter(([name]) => !secretOptions.has(name));
  return Object.fromEntries(visible) as unknown as ResolvedServerOptions;
}

/** Whether the options say by which key tokens are signed or verified. */
export function hasAuthKey(options: AuthOptions): boolean {
  const { authKey, authPrivateKey, authPublicKey, authJwksUrl, authEngine, authVerifyKeys = [] } = options;
  const given = [authKey, authPrivateKey, authPublicKey, authJwksUrl, authEngine, ...authVerifyKeys];
  return given.some((key) => key !== undefined);
}

/** Rules that hold between options. */
export function checkTimes({ pingInterval, pingTimeout }: { pingInterval: number; pingTimeout: number }): void {
  if (pingInterval < pingTimeout) return;
  throw new InvalidOptionsError(
    `\`pingInterval\` must be less than \`pingTimeout\` (${pingTimeout}), got ${pingInterval}`,
    {
      option: 'pingInterval',
    },
  );
}

/** Refuses rules that cannot be, and rules that a store would not get. */
function checkChannels({ channels, store }: Pick<SCServerOptions, 'channels' | 'store'>): void {
  new ChannelRuleTable(channels);
  if (channels === undefined || store === undefined) return;
  throw new InvalidOptionsError('`channels` has no effect on a `store` that is given; give the rules to that store', {
    option: 'channels',
  });
}

/** Any site could act as a visitor who is logged in. */
export function checkAuthCookie({ authCookie, origins }: Pick<SCServerOptions, 'authCookie' | 'origins'>): void {
  const broad = authCookie === true ? broadOrigin(origins ?? []) : undefined;
  if (broad === undefined) return;
  throw new InvalidOptionsError(
    `\`authCookie\` must not be on while \`origins\` lists pages of any site ("${broad}"), got true`,
    { option: 'authCookie' },
  );
}

function originsProblem(value: unknown): string | undefined {
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
    return 'must be a string or an array of strings';
  try {
    parseOrigins(list);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function trustProxyProblem(value: unknown): string | undefined {
  try {
    createClientAddress(value as TrustProxy);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function codecsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be an array of codecs';
  if (value.every((one) => codecProblem(one) === undefined && (one as Codec).subprotocol !== undefined))
    return undefined;
  return 'must hold codecs with the functions encode and decode and a subprotocol';
}

function functionsProblem(names: readonly string[]): (value: unknown) => string | undefined {
  return (value) => {
    const candidate = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
    const missing = names.find((name) => typeof candidate[name] !== 'function');
    return missing === undefined ? undefined : `must have the functions ${names.join(', ')}; ${missing} is missing`;
  };
}
