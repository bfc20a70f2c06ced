import { ResourceLimitError } from 'sc-protocol';
import { createLimitedWarning } from '../../log/limited-warning.js';
import type { Logger } from '../../log/logger.js';

/** The limits of a balancer that refuse connections. */
export const balancerLimits = ['connectionsPerAddress', 'maxConnections', 'targetConnections'] as const;
export type BalancerLimitName = (typeof balancerLimits)[number];

/** The limits of the supervisor that refuse connections. */
export const supervisorLimits = [
  'connectsPerSecondPerAddress',
  'maxWaiting',
  'maxConnections',
  'targetConnections',
] as const;
export type SupervisorLimitName = (typeof supervisorLimits)[number];

/** Limits derived from the maximum number of open files. */
const fileLimits: ReadonlySet<unknown> = new Set(['maxConnections', 'targetConnections']);
const moreFiles = 'Raise the limit of open files (`ulimit -n`, `LimitNOFILE=` of systemd)';

/** Counts refused connections by limit, and logs them at most once per second. */
export class RefusalCounts<Name extends string> {
  readonly #counts: Record<Name, number>;
  readonly #warn: (error: Error, details?: object) => void;

  /** `message` is the message of the log entries. */
  constructor(limits: readonly Name[], logger: Logger, message: string) {
    this.#counts = Object.fromEntries(limits.map((name) => [name, 0])) as Record<Name, number>;
    this.#warn = createLimitedWarning(logger, message);
  }

  /** Counts and logs a refusal, or logs another problem of a connection. */
  take(problem: Error): void {
    const limit = problem instanceof ResourceLimitError ? (problem as { limit?: unknown }).limit : undefined;
    if (typeof limit === 'string' && Object.hasOwn(this.#counts, limit)) this.#counts[limit as Name] += 1;
    this.#warn(problem, fileLimits.has(limit) ? { remedy: moreFiles } : {});
  }

  snapshot(): Readonly<Record<Name, number>> {
    return { ...this.#counts };
  }
}
