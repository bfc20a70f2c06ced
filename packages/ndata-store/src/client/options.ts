import { InvalidOptionsError } from 'sc-protocol';
import { givenOptions } from 'sc-protocol/kit';
import { checkNames, checkNumber, checkSecret } from '../option-rules.js';
import { toClientTls } from '../tls-options.js';
import type { ClientTlsOptions } from '../tls-options.js';
import type { StoreAddress } from './link/dial.js';

/** Options of a client's links. */
export interface LinkOptions {
  /** Secret of the stores, at least 32 bytes. @default none */
  readonly secret?: string;
  /** Encrypts TCP links; `true` uses the CAs that Node trusts. @default none */
  readonly tls?: ClientTlsOptions | true;
  /** Milliseconds for connecting and logging in. If this process was blocked, the delay is added once. @default 5000 */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds from issuing a command to its response, including the wait for a link. If this process was blocked,
   * the delay is added once, at most doubling the timeout. @default 10000
   */
  readonly callTimeoutMs?: number;
  /**
   * Maximum number of calls without a response and of unacknowledged publications; further ones are rejected. @default
   * 65536
   */
  readonly maxPendingCalls?: number;
  /**
   * Maximum number of bytes queued for one store, and maximum number of bytes of unacknowledged publications. Further
   * calls and publications are rejected. @default 67108864
   */
  readonly maxPendingBytes?: number;
  /** Milliseconds before the second reconnect attempt; the first is immediate. @default 25 */
  readonly reconnectDelayMs?: number;
  /** Maximum reconnect delay in milliseconds; delays double up to it. @default 500 */
  readonly reconnectDelayMaxMs?: number;
  /** Random source for jitter. @default Math.random */
  readonly random?: () => number;
}

/** Options of an `NdataClient`. */
export type NdataClientOptions = LinkOptions &
  (
    | { readonly socketPath: string }
    | {
        /** @default 9435 */
        readonly port?: number;
        /** @default '127.0.0.1' */
        readonly host?: string;
      }
  );

/** Options of an `NdataClusterClient`. */
export interface NdataClusterClientOptions extends LinkOptions {
  /**
   * Addresses of the stores. Their order determines which store owns which keys and channels: every client must use the
   * same list, and a store refuses a client that does not.
   */
  readonly shards: readonly StoreAddress[];
}

export type ResolvedLinkOptions = Required<Omit<LinkOptions, 'secret' | 'tls'>> & {
  readonly secret: string | undefined;
  readonly tls: ClientTlsOptions | undefined;
};

export const defaultPort = 9435;

const defaults = {
  connectTimeoutMs: 5000,
  callTimeoutMs: 10_000,
  maxPendingCalls: 65_536,
  maxPendingBytes: 64 * 1024 * 1024,
  reconnectDelayMs: 25,
  reconnectDelayMaxMs: 500,
  random: Math.random,
} satisfies LinkOptions;

const linkNames = ['secret', 'tls', ...Object.keys(defaults)];

export function resolveClientOptions(options: NdataClientOptions): [StoreAddress, ResolvedLinkOptions] {
  checkNames(options, ['socketPath', 'port', 'host', ...linkNames]);
  const { socketPath, port, host } = givenOptions(options) as { socketPath?: string; port?: number; host?: string };
  const address = socketPath === undefined ? { port: port ?? defaultPort, host: host ?? '127.0.0.1' } : { socketPath };
  checkAddress(address);
  return [address, resolveLinkOptions(options, [address])];
}

export function resolveClusterOptions(
  options: NdataClusterClientOptions,
): [readonly StoreAddress[], ResolvedLinkOptions] {
  checkNames(options, ['shards', ...linkNames]);
  const { shards } = options;
  if (!Array.isArray(shards) || shards.length === 0) {
    throw new InvalidOptionsError('`shards` must be an array of at least one address', { option: 'shards' });
  }
  const addresses = shards as readonly StoreAddress[];
  addresses.forEach(checkAddress);
  return [addresses, resolveLinkOptions(options, addresses)];
}

function resolveLinkOptions(options: LinkOptions, addresses: readonly StoreAddress[]): ResolvedLinkOptions {
  const given = givenOptions(options);
  const tls = given.tls === undefined ? undefined : toClientTls(given.tls);
  if (tls !== undefined && addresses.some((address) => 'socketPath' in address)) {
    throw new InvalidOptionsError('`tls` is for TCP: there is a `socketPath`', { option: 'tls' });
  }
  const resolved = { secret: undefined, ...defaults, ...given, tls } as ResolvedLinkOptions;
  checkSecret(resolved.secret);
  for (const name of ['connectTimeoutMs', 'callTimeoutMs', 'maxPendingCalls', 'maxPendingBytes'] as const) {
    checkNumber(name, resolved[name], 1);
  }
  checkNumber('reconnectDelayMs', resolved.reconnectDelayMs, 0);
  checkNumber('reconnectDelayMaxMs', resolved.reconnectDelayMaxMs, resolved.reconnectDelayMs);
  return resolved;
}

function checkAddress(address: StoreAddress): void {
  if ('socketPath' in address) {
    if (typeof address.socketPath === 'string' && address.socketPath !== '') return;
    throw new InvalidOptionsError('`socketPath` must be a path', { option: 'socketPath' });
  }
  checkNumber('port', address.port, 1, 65_535);
}
