import { givenOptions, Refusals, refuseUnknown, requireRule, requireWholeNumbers } from 'sc-protocol/kit';
import type { ChoicePolicy } from '../targets/target-choice.js';

/** Options of a {@link HandOffListener}. */
export interface HandOffOptions {
  /** Port to listen on; 0 takes a free one. */
  port: number;
  /** Address to listen on. @default every address */
  host?: string;
  /**
   * Length of the kernel's queue of connections not yet accepted; Linux limits it to `net.core.somaxconn`. Connections
   * beyond it are lost, and their clients take them for open. @default 4096
   */
  backlog?: number;
  /** How the next target is chosen. @default 'leastConnections' */
  policy?: ChoicePolicy;
  /** A target that does not acknowledge by then is passed over, in milliseconds. @default 4000 */
  ackTimeoutMs?: number;
  /** A connection that no target has taken by then is closed, in milliseconds. @default 30000 */
  waitTimeoutMs?: number;
  /** How many connections may wait for a target; more are closed at once. @default 4096 */
  maxWaiting?: number;
  /**
   * How many connections may be held at a time, waiting or offered to a target; more are closed at once. Each one needs
   * a file descriptor. @default Infinity
   */
  maxConnections?: number;
  /** How many hand-offs to one target may be without an answer at a time. @default 64 */
  maxUnanswered?: number;
  /** How many new connections one address may make in a second on average, twice as many at once; 0 is no limit. @default 0 */
  connectsPerSecondPerAddress?: number;
  /** Addresses and networks that this limit does not count: load balancers, whose clients are counted by their own address further on. @default none */
  uncountedPeers?: readonly string[];
  /** After how long a connection that every target refused is offered again, in milliseconds. @default 100 */
  retryDelayMs?: number;
  /** Over which time a new target comes to its full share of new connections, in milliseconds; 0 is at once. @default 2000 */
  rampMs?: number;
  /** How long a target that failed is passed over, in milliseconds. @default 2000 */
  ejectMs?: number;
  /** Called for errors of the listening socket and for each refused connection. */
  onWarning?: (error: Error) => void;
  /** The time in milliseconds, of a clock that all processes of the host share and that never jumps. @default the host's monotonic clock */
  now?: () => number;
  /** A number from 0 up to 1. @default Math.random */
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

/** Fills in the defaults and refuses what breaks a rule, at once and by name. */
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
