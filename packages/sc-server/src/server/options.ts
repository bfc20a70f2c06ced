import { InvalidOptionsError, maxNameBytes, maxNestingDepth, type Codec } from 'sc-protocol';
import { ChannelRuleTable, type ChannelRules, type Store } from 'ndata-store';
import {
  checkOptions,
  count,
  defaultsOf,
  duration,
  flag,
  givenOptions,
  oneOf,
  Refusals,
  text,
  value,
  type OptionsOf,
  type RuleTable,
} from 'sc-protocol/kit';
import { jsonFromText, listFromText, numberOr } from '../kit/options/from-text.js';
import type { Logger } from '../log/logger.js';
import { authTable, type AuthOptions } from '../auth/options.js';
import { generateAuthKey } from '../auth/keys.js';
import { createClientAddress, type TrustProxy } from '../http/client-address.js';
import { codecProblem } from '../channels/codec-choice.js';
import { legacyTable } from './legacy-options.js';
import { broadOrigin, parseOrigins } from '../http/origins.js';
import { sessionTable } from '../sessions/options.js';
import { checkHttpTimes, httpTable, type HttpSettings } from './http-timeouts.js';
import { renamedServerOptions } from './renamed-options.js';

/** Declarations of the options of a server. */
export const serverTable = {
  /** URL path of the WebSocket endpoint. */
  path: text({
    default: '/socketcluster/',
    check: (value) => (value.startsWith('/') ? undefined : 'must start with "/"'),
  }),
  /**
   * Origins whose pages may connect, in addition to the server's own: an exact origin (`https://app.example.com`),
   * any subdomain (`https://*.example.com`), any port (`http://localhost:*`), origins of apps and extensions
   * (`capacitor://localhost`, `chrome-extension://ID`), or `'null'` for pages without an origin. `'*'` allows every
   * origin. For requests without an Origin header, which do not come from browsers, see `allowNoOrigin`.
   *
   * The server's own origin is the scheme, host and port to which the page's request was sent; behind a proxy that
   * rewrites `Host` or terminates TLS, set `trustProxy`. An `http` page does not have the same origin as a server
   * reached by `https`. The check takes the place of CORS, which browsers do not apply to WebSockets.
   */
  origins: value<string | readonly string[]>({ default: [], check: originsProblem, fromText: listFromText }),
  /**
   * Whether to accept sockets from requests without an Origin header, which come from programs rather than pages.
   * Cookies never authenticate such a request.
   */
  allowNoOrigin: flag({ default: true }),
  /**
   * Whether the cookie `authCookieName`, set to a signed token by a login over HTTP, authenticates a page that sends
   * no auth token in its handshake. Cannot be combined with `origins` that match pages of any site, in any spelling:
   * `*`, `https://*`, `https://*.com`, `null`. Applies only to requests with an `Origin`.
   */
  authCookie: flag({ default: false }),
  /** Time limit for the first frame, `#handshake`. */
  handshakeTimeout: duration({ default: 10_000 }),
  /** Time limit for a client's answer to a call. */
  ackTimeout: duration({ default: 10_000 }),
  /** Time limit for one run of a middleware line. */
  middlewareTimeout: duration({ default: 10_000 }),
  /** Time between pings to a client. */
  pingInterval: duration({ default: 8_000 }),
  /** Time without data from a client after which it is disconnected. Must be greater than `pingInterval`. */
  pingTimeout: duration({ default: 20_000 }),
  /** `1` or `2` if all clients use that protocol version; `'auto'` detects it for each client. */
  protocolVersion: oneOf(['auto', 1, 2], { default: 'auto' }),
  /** Whether clients may publish. */
  allowClientPublish: flag({ default: true }),
  /** Maximum number of channels that one socket may subscribe to. */
  socketChannelLimit: count({ default: 128, min: 1 }),
  /**
   * Channels that one socket may subscribe to, and tokens that it may present after its handshake, per second, with
   * a burst of twice `socketChannelLimit`. Above it the socket is closed with 1008. 0 disables the limit.
   */
  subscribeRate: count({ default: 20, min: 0 }),
  /**
   * Maximum size of a message from a client. A larger message closes the socket with 1009, and the log reports the
   * client and the size. The handshake announces the limit to `sc-client`, which then refuses larger messages
   * itself.
   */
  maxPayloadBytes: count({ default: 1_048_576, min: 128 }),
  /**
   * Maximum size of a message before the handshake is complete, including a token of 8 KB. A larger one closes the
   * socket with 1009.
   */
  maxHandshakeBytes: count({ default: 10_240, min: 128 }),
  /** Maximum number of fragments of one message. More close the socket with 1008. */
  maxFragments: count({ default: 1024, min: 1 }),
  /**
   * Time limit for a message to arrive completely, from its first byte. A slower one closes the socket with 1008.
   * Time in which the server itself does not read is not counted.
   */
  messageTimeout: duration({ default: 10_000 }),
  /**
   * Maximum length of the name of a channel, event or procedure from a client, in bytes; cannot exceed the limit of
   * the protocol. A longer name is an `InvalidFrameError`.
   */
  maxNameBytes: count({ default: maxNameBytes, min: 1, max: maxNameBytes }),
  /**
   * Maximum nesting depth of data from a client; cannot exceed the limit of the protocol. Deeper data closes the
   * socket with 4010.
   */
  maxNestingDepth: count({ default: maxNestingDepth, min: 1, max: maxNestingDepth }),
  /** Maximum number of unanswered calls of one client. Further calls are answered with a `ResourceLimitError`. */
  maxOutstandingCalls: count({ default: 256, min: 1 }),
  /** Consecutive failed authentication attempts that are tolerated. The next one closes the socket with 1008. */
  maxAuthFailures: count({ default: 5, min: 1 }),
  /**
   * Bytes that may be queued for one slow consumer before it is closed with 4011. A frame larger than this is not
   * counted while the client is reading it: the client is closed if it reads nothing of it for ten seconds, or if
   * more than 32 times this limit is queued in such frames.
   */
  maxPendingBytes: count({ default: 1_048_576, min: 1024 }),
  /**
   * Bytes that may be queued for all clients of this process together. Above it, the slowest clients are closed with
   * 4011.
   */
  maxPendingBytesOfAll: count({ default: 67_108_864, min: 1024 }),
  /**
   * Bytes that may be queued for one client before volatile events and publications for it are dropped. 0 drops them
   * as soon as any byte is queued.
   */
  maxVolatilePendingBytes: count({ default: 65_536, min: 0 }),
  /** Publications that may be queued for the `publishOut` middleware of one client before it is closed with 4011. */
  maxPublishOutQueue: count({ default: 1024, min: 1 }),
  /**
   * Maximum number of missed publications that one client recovers when it reconnects. A client that missed more
   * recovers none and is notified with the reason `tooMuch`. From 0 to 9999; 0 disables recovery.
   */
  recoverLimit: count({ default: 1000, min: 0, max: 9999 }),
  /**
   * Maximum size of the missed publications that one client recovers, in bytes. Also limits a page of a channel's
   * history that a client reads.
   */
  maxRecoverBytes: count({ default: 1_048_576, min: 0 }),
  /** Frames that one socket may send per second, with a burst of twice that. 0 disables the limit. */
  inboundRate: count({ default: 500, min: 0 }),
  /**
   * Policy above `inboundRate`: `'pause'` stops reading until the allowance is replenished, so that TCP slows the
   * client down; `'close'` closes the socket with 1008.
   */
  inboundRatePolicy: oneOf(['pause', 'close'], { default: 'pause' }),
  /**
   * New connections per second that this process accepts, with a burst of five times that. Further ones are answered
   * with HTTP 503 and `Retry-After`. 0 disables the limit.
   */
  connectionRate: count({ default: 1000, min: 0 }),
  /**
   * Refuses new connections with HTTP 503 while the event loop has been later than this, in milliseconds, for
   * several seconds. 0 disables the check.
   */
  maxEventLoopLag: duration({ default: 200, allowZero: true }),
  /**
   * Refuses new connections with HTTP 503 while more than this percentage of the heap is in use. 0 disables the
   * check.
   */
  maxHeapPercent: count({ default: 85, min: 0, max: 100 }),
  /**
   * Reverse proxies whose `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` headers are trusted: their
   * number, or their addresses, such as `['10.0.0.0/8']`.
   */
  trustProxy: value<TrustProxy>({ default: 0, check: trustProxyProblem, fromText: numberOr(listFromText) }),
  /**
   * Denies actions by default: without middleware on the line `subscribe`, clients cannot subscribe; without
   * middleware on `publishIn`, they cannot publish.
   */
  secure: flag({ default: false }),
  /**
   * Time that `close()` waits for HTTP requests in flight before it cuts them off. In a worker, at most 80 % of
   * `processTermTimeout`.
   */
  closeTimeout: duration({ default: 10_000 }),
  /** Codec for messages, instead of JSON. Clients must use the same. @default JSON */
  codecEngine: value<Codec>({ check: codecProblem }),
  /**
   * Codecs that a client may select by WebSocket subprotocol. For a codec whose bytes are MessagePack, the server
   * itself rejects messages that declare more content than they contain or that are nested too deeply. Any other
   * codec must limit its work by the number of bytes it receives: before the handshake, these are at most
   * `maxHandshakeBytes`, from unauthenticated clients.
   */
  codecs: value<readonly Codec[]>({ default: [], check: codecsProblem }),
  /**
   * Rules for the publications that channels keep, by pattern of the channel name:
   *
   * ```js
   * const channels = {
   *   'chat/{room}': { history: { size: 100, ageMs: 120_000 } }, // the last 100, for two minutes at most
   *   'price/{item}': { last: true }, // the last one
   *   'orders/*': { history: { size: 1000, ageMs: 600_000 }, whenLogFails: 'refuse' },
   * };
   * ```
   *
   * `{name}` matches one part of a name without `/`, and a final `*` matches the rest; the first matching pattern
   * applies. The store applies the rules to all publications, whether from a client, a worker or a store controller.
   * It numbers the kept publications, so a worker that lost its link fetches the ones that it missed;
   * [`exchange.history`](events.md) reads them. For a channel without a rule, `exchange.append(channel, data, {
   * maxSize, maxAgeMs })` starts a history. Volatile publications are never kept. While the log of a store cannot be
   * written, as with a full disk, its history continues in memory; a rule with `whenLogFails: 'refuse'` refuses
   * publications instead. The option cannot be combined with `store`, because such a store has its own rules.
   * @default none, nothing is kept
   */
  channels: value<ChannelRules>({ fromText: jsonFromText }),
  /** Store for publications and data. Several servers of one process may share one. @default an in-process store */
  store: value<Store>({
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
  }),
  /** Receives warnings and errors. @default lines on stderr */
  logger: value<Logger>({ check: functionsProblem(['error', 'warn', 'info', 'debug']) }),
  ...legacyTable,
  ...httpTable,
  ...authTable,
  ...sessionTable,
};

/** Options of `SCServer.attach` and `SCServer.listen`. Times are in milliseconds, sizes in bytes. */
export interface SCServerOptions extends OptionsOf<typeof serverTable> {}

/** Static defaults of the server's options. */
export const serverDefaults = defaultsOf(serverTable);

/** Options without a default stay optional. */
type Bare = Exclude<keyof SCServerOptions, keyof typeof serverDefaults>;

export type ResolvedServerOptions = Required<Omit<SCServerOptions, Bare>> &
  Pick<SCServerOptions, Bare> & { readonly hasRandomAuthKey: boolean };

/** Merges the given options with the defaults. Throws one `InvalidOptionsError` for all invalid options. */
export function resolveServerOptions(given: SCServerOptions): ResolvedServerOptions {
  const refusals = new Refusals();
  refusals.run(() => checkOptions('SCServer', given, serverTable, { renamed: renamedServerOptions }));
  const options = givenOptions(given);
  const merged = { ...serverDefaults, ...options };
  checkServerPairs(merged, refusals);
  refusals.runUnlessRefused(['channels', 'store'], () => checkChannels(options));
  refusals.throwAny();
  const path = merged.path.endsWith('/') ? merged.path : `${merged.path}/`;
  const hasRandomAuthKey = !hasAuthKey(options);
  return { ...merged, path, ...(hasRandomAuthKey && { authKey: generateAuthKey() }), hasRandomAuthKey };
}

/** Options that `server.options` omits. */
export type SecretOption = 'authKey' | 'authPrivateKey' | 'authPublicKey' | 'authVerifyKeys' | 'sessionKey';

/** The options without secrets, which the application may read and log. */
export function withoutSecrets<Options extends object>(options: Options): Options {
  const table: RuleTable = serverTable;
  return Object.fromEntries(Object.entries(options).filter(([name]) => table[name]?.secret !== true)) as Options;
}

/** Whether the options specify a key that signs or verifies tokens. */
export function hasAuthKey(options: AuthOptions): boolean {
  const { authKey, authPrivateKey, authPublicKey, authJwksUrl, authEngine, authVerifyKeys = [] } = options;
  const given = [authKey, authPrivateKey, authPublicKey, authJwksUrl, authEngine, ...authVerifyKeys];
  return given.some((key) => key !== undefined);
}

/** Checks the rules that hold between options, for a server and for a cluster. */
export function checkServerPairs(
  options: HttpSettings &
    Pick<SCServerOptions, 'authCookie' | 'origins'> & { pingInterval: number; pingTimeout: number },
  refusals: Refusals,
): void {
  refusals.runUnlessRefused(['pingInterval', 'pingTimeout'], () => checkTimes(options));
  refusals.runUnlessRefused(['headersTimeout', 'requestTimeout'], () => checkHttpTimes(options));
  refusals.runUnlessRefused(['authCookie', 'origins'], () => checkAuthCookie(options));
}

function checkTimes({ pingInterval, pingTimeout }: { pingInterval: number; pingTimeout: number }): void {
  if (pingInterval < pingTimeout) return;
  throw new InvalidOptionsError(
    `\`pingInterval\` must be less than \`pingTimeout\` (${pingTimeout}), got ${pingInterval}`,
    {
      option: 'pingInterval',
    },
  );
}

/** Rejects invalid rules, and rules that would not reach the store. */
function checkChannels({ channels, store }: Pick<SCServerOptions, 'channels' | 'store'>): void {
  new ChannelRuleTable(channels);
  if (channels === undefined || store === undefined) return;
  throw new InvalidOptionsError('`channels` has no effect on a `store` that is given; give the rules to that store', {
    option: 'channels',
  });
}

/** Rejects `authCookie` with origins of any site: such a site could act as a logged-in visitor. */
function checkAuthCookie({ authCookie, origins }: Pick<SCServerOptions, 'authCookie' | 'origins'>): void {
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
