import { InvalidOptionsError, type Codec } from 'sc-protocol';
import type { Store } from 'ndata-store';
import { checkOptions, type Rules } from '../options/check.js';
import type { Logger } from '../log/logger.js';
import { generateAuthKey } from './auth/keys.js';
import { parseOrigins } from './origins.js';

/** Options of `SCServer.attach` and `SCServer.listen`. Times are milliseconds, sizes are bytes. */
export interface SCServerOptions {
  /** URL path of the WebSocket endpoint. @default '/socketcluster/' */
  path?: string;
  /**
   * Origins whose pages may connect, beside the server's own: exact `https://app.example.com`, whole labels
   * `https://*.example.com`, or any port `http://localhost:*`. `'*'` allows every origin. A request without an
   * Origin header (not a browser) is allowed. @default []
   */
  origins?: string | readonly string[];
  /** Secret that signs and verifies auth tokens (HS256), at least 32 bytes. @default a random one, with a warning */
  authKey?: string;
  /** Life of an auth token that says nothing else. @default 86400000 (a day) */
  authDefaultExpiryMs?: number;
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
  /** Largest message that a client may send. @default 65536 */
  maxPayloadBytes?: number;
  /** Bytes that may wait for one slow client before it is closed with 4011. @default 1048576 */
  maxPendingBytes?: number;
  /**
   * Messages a second that one socket may send, with a burst of twice that. Above it the socket is not read until
   * its allowance returns, so TCP slows the client down. 0 lifts the limit. @default 500
   */
  inboundRate?: number;
  /** How messages are encoded when not as JSON. Clients must use the same. @default JSON */
  codecEngine?: Codec;
  /** Codecs that a client may choose by WebSocket subprotocol. @default [] */
  codecs?: readonly Codec[];
  /** Carries publications and data. @default an in-process store */
  store?: Store;
  /** Receives warnings and errors. @default lines on stderr */
  logger?: Logger;
}

export type ResolvedServerOptions = Required<Omit<SCServerOptions, 'store' | 'logger' | 'codecEngine'>> &
  Pick<SCServerOptions, 'codecEngine'> & { readonly hasRandomAuthKey: boolean };

export const serverDefaults = {
  path: '/socketcluster/',
  origins: [] as readonly string[],
  authDefaultExpiryMs: 86_400_000,
  handshakeTimeout: 10_000,
  ackTimeout: 10_000,
  middlewareTimeout: 10_000,
  pingInterval: 8_000,
  pingTimeout: 20_000,
  protocolVersion: 'auto',
  allowClientPublish: true,
  socketChannelLimit: 128,
  maxPayloadBytes: 65_536,
  maxPendingBytes: 1_048_576,
  inboundRate: 500,
  codecs: [],
} as const satisfies Partial<SCServerOptions>;

/** The rule of each option; the cluster's options include them. */
export const serverRules: Rules<SCServerOptions> = {
  path: { type: 'string', check: (value) => (value.startsWith('/') ? undefined : 'must start with "/"') },
  origins: { type: 'any', check: originsProblem },
  authKey: {
    type: 'string',
    check: (value) => (Buffer.byteLength(value) >= 32 ? undefined : 'must be at least 32 bytes'),
    secret: true,
  },
  authDefaultExpiryMs: { type: 'duration' },
  handshakeTimeout: { type: 'duration' },
  ackTimeout: { type: 'duration' },
  middlewareTimeout: { type: 'duration' },
  pingInterval: { type: 'duration' },
  pingTimeout: { type: 'duration' },
  protocolVersion: { type: 'one-of', values: ['auto', 1, 2] },
  allowClientPublish: { type: 'boolean' },
  socketChannelLimit: { type: 'count', min: 1 },
  maxPayloadBytes: { type: 'count', min: 128 },
  maxPendingBytes: { type: 'count', min: 1024 },
  inboundRate: { type: 'count', min: 0 },
  codecEngine: { type: 'any', check: codecProblem },
  codecs: { type: 'any', check: (value) => (Array.isArray(value) ? undefined : 'must be an array of codecs') },
  store: { type: 'any' },
  logger: { type: 'any' },
};

/** Old names, and what to write instead. */
export const renamedServerOptions: Readonly<Record<string, string>> = {
  defaultAuthTokenExpiryInMinutes: 'authDefaultExpiryMs (milliseconds)',
  authDefaultExpiry: 'authDefaultExpiryMs (milliseconds)',
  maxPayload: 'maxPayloadBytes',
  heartbeatInterval: 'pingInterval',
  heartbeatTimeout: 'pingTimeout',
};

export function resolveServerOptions(options: SCServerOptions): ResolvedServerOptions {
  checkOptions('SCServer', options, serverRules, renamedServerOptions);
  const { store: _store, logger: _logger, codecEngine, ...given } = options;
  const merged = { ...serverDefaults, ...withoutUndefined(given) };
  checkTimes(merged);
  const path = merged.path.endsWith('/') ? merged.path : `${merged.path}/`;
  const hasRandomAuthKey = options.authKey === undefined;
  const resolved = { ...merged, path, authKey: options.authKey ?? generateAuthKey(), hasRandomAuthKey };
  return codecEngine === undefined ? resolved : { ...resolved, codecEngine };
}

/** Rules that hold between options. */
export function checkTimes({ pingInterval, pingTimeout }: { pingInterval: number; pingTimeout: number }): void {
  if (pingInterval < pingTimeout) return;
  throw new InvalidOptionsError(`pingInterval must be less than pingTimeout (${pingTimeout}), got ${pingInterval}`, {
    option: 'pingInterval',
  });
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

function codecProblem(value: unknown): string | undefined {
  const codec = value as Partial<Codec> | null;
  const works = typeof codec?.encode === 'function' && typeof codec.decode === 'function';
  return works ? undefined : 'must have the functions encode and decode';
}

function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
