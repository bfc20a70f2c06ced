import { givenOptions, Refusals, refuseUnknown, requireRule, requireWholeNumbers } from 'sc-protocol/kit';
import { choicePolicies } from '../hand-off/options.js';
import type { ChoicePolicy } from '../targets/target-choice.js';
import type { TerminationOptions } from '../tls/tls-termination.js';

/** Address of a target: a unix socket or pipe, or a port. */
export type ProxyTarget = { readonly id: string } & (
  { readonly socketPath: string } | { readonly port: number; readonly host?: string }
);

/** Options of a {@link ProxyBalancer}. */
export interface ProxyOptions {
  /** The initial targets. @default none */
  targets?: readonly ProxyTarget[];
  /**
   * Terminates TLS, with the options of Node's `tls.createServer` and with `serverNames`, certificates by server name.
   * Unless set, the minimum is TLS 1.2 with modern ciphers. @default no TLS
   */
  tls?: TerminationOptions;
  /** Sends the client's address to targets in a PROXY protocol version 2 header. @default true */
  proxyHeader?: boolean;
  /**
   * Whether targets acknowledge that header, as targets that use `readProxyHeader` do. If a target is blocked and does
   * not acknowledge, no client is lost: the next target gets the connection. Requires `proxyHeader`. @default false
   */
  acknowledged?: boolean;
  /** How the next target is chosen. @default 'leastConnections' */
  policy?: ChoicePolicy;
  /**
   * Time within which a target must accept the connection, in milliseconds. After it, the next target is tried.
   * @default 2000
   */
  connectTimeoutMs?: number;
  /** Time after which a connection that no target has accepted is closed, in milliseconds. @default 10000 */
  waitTimeoutMs?: number;
  /**
   * Maximum number of connections that wait because no target accepts them; further ones are closed at once. @default
   * 4096
   */
  maxWaiting?: number;
  /** Maximum number of open connections; further ones are closed at once. @default 100000 */
  maxConnections?: number;
  /**
   * Maximum number of open connections per address; 0 is no limit. An IPv6 /64 network counts as one address. @default
   * 0
   */
  maxConnectionsPerAddress?: number;
  /**
   * Average number of new connections per second from one address, with bursts of twice as many; 0 is no limit.
   * @default 0
   */
  connectsPerSecondPerAddress?: number;
  /**
   * Addresses and networks of upstream balancers. They begin every connection with a PROXY header (version 1 or 2),
   * which is trusted. @default none
   */
  trustedPeers?: readonly string[];
  /** Time within which that header must be complete, in milliseconds. @default 5000 */
  headerTimeoutMs?: number;
  /** Time limit for all connection middleware of one connection together, in milliseconds. @default 5000 */
  middlewareTimeoutMs?: number;
  /** Delay before targets are tried again after all of them failed, in milliseconds. @default 100 */
  retryDelayMs?: number;
  /** After a half-close, how long the other direction may be idle, in milliseconds. @default 60000 */
  halfCloseTimeoutMs?: number;
  /**
   * Time over which a new target ramps up to its full share of new connections, in milliseconds; 0 is at once. @default
   * 2000
   */
  rampMs?: number;
  /** How long a failed target is skipped, in milliseconds. @default 2000 */
  ejectMs?: number;
  /** Called for each failed target, failed TLS handshake and refused connection. */
  onWarning?: (error: Error) => void;
  /** Returns the time in milliseconds. @default performance.now */
  now?: () => number;
  /** Returns a number from 0 up to 1. @default Math.random */
  random?: () => number;
}

export type ProxySettings = Required<Omit<ProxyOptions, 'tls'>> & { readonly tls: TerminationOptions | undefined };

const defaults = {
  targets: [] as readonly ProxyTarget[],
  tls: undefined,
  proxyHeader: true,
  acknowledged: false,
  policy: 'leastConnections',
  connectTimeoutMs: 2_000,
  waitTimeoutMs: 10_000,
  maxWaiting: 4_096,
  maxConnections: 100_000,
  maxConnectionsPerAddress: 0,
  connectsPerSecondPerAddress: 0,
  trustedPeers: [] as readonly string[],
  headerTimeoutMs: 5_000,
  middlewareTimeoutMs: 5_000,
  retryDelayMs: 100,
  halfCloseTimeoutMs: 60_000,
  rampMs: 2_000,
  ejectMs: 2_000,
  onWarning: () => undefined,
  now: () => performance.now(),
  random: Math.random,
} satisfies ProxySettings;

/** Applies the defaults. Throws one error that names every invalid option. */
export function resolveProxyOptions(options: ProxyOptions): ProxySettings {
  const refusals = new Refusals();
  refusals.run(() => refuseUnknown(options, Object.keys(defaults), { of: 'ProxyBalancer' }));
  const settings: ProxySettings = { ...defaults, ...givenOptions(options) };
  const group = settings as unknown as Readonly<Record<string, unknown>>;
  const waits = ['connectTimeoutMs', 'waitTimeoutMs', 'retryDelayMs', 'halfCloseTimeoutMs', 'maxConnections'];
  refusals.run(() => requireWholeNumbers(group, waits, { min: 1 }));
  refusals.run(() => requireWholeNumbers(group, ['headerTimeoutMs', 'middlewareTimeoutMs'], { min: 1 }));
  refusals.run(() => requireWholeNumbers(group, ['maxWaiting', 'rampMs', 'ejectMs'], { min: 0 }));
  refusals.run(() =>
    requireWholeNumbers(group, ['maxConnectionsPerAddress', 'connectsPerSecondPerAddress'], { min: 0 }),
  );
  refusals.run(() =>
    requireRule(Array.isArray(settings.trustedPeers), 'trustedPeers', 'a list', settings.trustedPeers),
  );
  refusals.run(() =>
    requireRule(
      choicePolicies.includes(settings.policy),
      'policy',
      `one of ${choicePolicies.join(', ')}`,
      settings.policy,
    ),
  );
  refusals.run(() =>
    requireRule(!settings.acknowledged || settings.proxyHeader, 'acknowledged', 'false without `proxyHeader`', true),
  );
  refusals.throwAny();
  return settings;
}
