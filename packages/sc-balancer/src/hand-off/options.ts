import { givenOptions, Refusals, refuseUnknown, requireRule, requireWholeNumbers } from 'sc-protocol/kit';
import type { ChoicePolicy } from '../targets/target-choice.js';

/** Options of a {@link HandOffListener}. */
export interface HandOffOptions {
  /** Port to listen on; 0 selects a free port. */
  port: number;
  /** Address to listen on. @default all addresses */
  host?: string;
  /**
   * Length of the kernel's queue of connections not yet accepted; Linux caps it at `net.core.somaxconn`. Connections
   * beyond it are lost, although their clients consider them open. @default 4096
   */
  backlog?: number;
  /** How the next target is chosen. @default 'leastConnections' */
  policy?: ChoicePolicy;
  /**
   * Time within which a target must acknowledge a connection, in milliseconds. After it, the next target is tried.
   * @default 4000
   */
  ackTimeoutMs?: number;
  /** Time after which a connection that no target has accepted is closed, in milliseconds. @default 30000 */
  waitTimeoutMs?: number;
  /** Maximum number of connections that wait for a target; further ones are closed at once. @default 4096 */
  maxWaiting?: number;
  /**
   * Maximum number of connections held at a time, waiting or offered to a target; further ones are closed at once. Each
   * connection needs a file descriptor. @default Infinity
   */
  maxConnections?: number;
  /** Maximum number of unacknowledged hand-offs per target. @default 64 */
  maxUnanswered?: number;
  /**
   * Average number of new connections per second from one address, with bursts of twice as many; 0 is no limit.
   * @default 0
   */
  connectsPerSecondPerAddress?: number;
  /**
   * Addresses and networks exempt from this limit: load balancers, whose clients are counted by their own address at
   * the target. @default none
   */
  uncountedPeers?: readonly string[];
  /** Delay before a connection that every target refused is offered again, in milliseconds. @default 100 */
  retryDelayMs?: number;
  /**
   * Time over which a new target ramps up to its full share of new connections, in milliseconds; 0 is at once. @default
   * 2000
   */
  rampMs?: number;
  /** How long a failed target is skipped, in milliseconds. @default 2000 */
  ejectMs?: number;
  /** Called for errors of the listening socket and for each refused connection. */
  onWarning?: (error: Error) => void;
  /**
   * Returns the time in milliseconds. The clock must be monotonic and shared by all processes of the host. @default the
   * host's monotonic clock
   */
  now?: () => number;
  /** Returns a number from 0 up to 1. @default Math.random */
  random?: () => number;
}

export type HandOffSettings = Required<Omit<HandOffOptions, 'host' | 'now'>> & {
  readonly host: string | undefined;
  readonly now: (() => number) | undefined;
};

const defaults = {
  host: undefined,
  now: undefined,
  backlog: 4_096,
  policy: 'leastConnections',
  ackTimeoutMs: 4_000,
  waitTimeoutMs: 30_000,
  maxWaiting: 4_096,
  maxConnections: Infinity,
  maxUnanswered: 64,
  connectsPerSecondPerAddress: 0,
  uncountedPeers: [] as readonly string[],
  retryDelayMs: 100,
  rampMs: 2_000,
  ejectMs: 2_000,
  onWarning: () => undefined,
  random: Math.random,
} satisfies Partial<HandOffSettings>;

export const choicePolicies: readonly ChoicePolicy[] = ['leastConnections', 'roundRobin', 'byAddress'];

/** Applies the defaults. Throws one error that names every invalid option. */
export function resolveHandOffOptions(options: HandOffOptions): HandOffSettings {
  const refusals = new Refusals();
  refusals.run(() => refuseUnknown(options, ['port', ...Object.keys(defaults)], { of: 'HandOffListener' }));
  const settings: HandOffSettings = { ...defaults, ...givenOptions(options) };
  const group = settings as unknown as Readonly<Record<string, unknown>>;
  refusals.run(() => requireWholeNumbers(group, ['port'], { min: 0, max: 65_535 }));
  refusals.run(() =>
    requireWholeNumbers(group, ['backlog', 'ackTimeoutMs', 'waitTimeoutMs', 'maxUnanswered', 'retryDelayMs'], {
      min: 1,
    }),
  );
  refusals.run(() =>
    requireWholeNumbers(group, ['maxWaiting', 'connectsPerSecondPerAddress', 'rampMs', 'ejectMs'], { min: 0 }),
  );
  refusals.run(() =>
    requireRule(
      settings.maxConnections === Infinity ||
        (Number.isInteger(settings.maxConnections) && settings.maxConnections >= 1),
      'maxConnections',
      'a whole number from 1, or Infinity',
      settings.maxConnections,
    ),
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
    requireRule(Array.isArray(settings.uncountedPeers), 'uncountedPeers', 'a list', settings.uncountedPeers),
  );
  refusals.throwAny();
  return settings;
}
