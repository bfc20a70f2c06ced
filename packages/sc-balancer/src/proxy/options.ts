import { givenOptions, Refusals, refuseUnknown, requireRule, requireWholeNumbers } from 'sc-protocol/kit';
import { choicePolicies } from '../hand-off/options.js';
import type { ChoicePolicy } from '../targets/target-choice.js';
import type { TerminationOptions } from '../tls/tls-termination.js';

/** Where a target listens: a unix socket or pipe, or a port. */
export type ProxyTarget = { readonly id: string } & (
  { readonly socketPath: string } | { readonly port: number; readonly host?: string }
);

/** Options of a {@link ProxyBalancer}. */
export interface ProxyOptions {
  /** The targets to begin with. @default none */
  targets?: readonly ProxyTarget[];
  /** Ends TLS here, with the options of Node's `tls.createServer` and `serverNames`, certificates by server name. TLS 1.2 and modern ciphers are the least unless set. @default no TLS */
  tls?: TerminationOptions;
  /** Tells targets who the client is, by a PROXY protocol version 2 header. @default true */
  proxyHeader?: boolean;
  /**
   * Whether targets acknowledge that header, as those that read it with `readProxyHeader` do. A target that does not, because
   * its process stands still, then loses no client: the next target gets the connection. Needs `proxyHeader`. @default false
   */
  acknowledged?: boolean;
  /** How the next target is chosen. @default 'leastConnections' */
  policy?: ChoicePolicy;
  /** A target that has not taken the connection by then is passed over, in milliseconds. @default 2000 */
  connectTimeoutMs?: number;
  /** A connection that no target has taken by then is closed, in milliseconds. @default 10000 */
  waitTimeoutMs?: number;
  /** How many connections may wait because no target takes them; more are closed at once. @default 4096 */
  maxWaiting?: number;
  /** How many connections may be open at once; more are closed at once. @default 100000 */
  maxConnections?: number;
  /** How many connections one address may have open; 0 is no limit. An IPv6 network of 64 bits counts as one. @default 0 */
  maxConnectionsPerAddress?: number;
  /** How many new connections one address may make in a second on average, twice as many at once; 0 is no limit. @default 0 */
  connectsPerSecondPerAddress?: number;
  /** Addresses and networks of balancers in front, which begin every connection with a PROXY header (version 1 or 2) that is believed. @default none */
  trustedPeers?: readonly string[];
  /** By when such a header has to be complete, in milliseconds. @default 5000 */
  headerTimeoutMs?: number;
  /** How long connection middleware may take in all, in milliseconds. @default 5000 */
  middlewareTimeoutMs?: number;
  /** After how long targets that all failed are tried again, in milliseconds. @default 100 */
  retryDelayMs?: number;
  /** After one direction has ended, how long the other may be silent, in milliseconds. @default 60000 */
  halfCloseTimeoutMs?: number;
  /** Over which time a new target comes to its full share of new connections, in milliseconds; 0 is at once. @default 2000 */
  rampMs?: number;
  /** How long a target that failed is passed over, in milliseconds. @default 2000 */
  ejectMs?: number;
  /** Called for each failed target, failed TLS handshake and refused connection. */
  onWarning?: (error: Error) => void;
  /** The time in milliseconds. @default performance.now */
  now?: () => number;
  /** A number from 0 up to 1. @default Math.random */
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

/** Fills in the defaults and refuses what breaks a rule, at once and by name. */
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
