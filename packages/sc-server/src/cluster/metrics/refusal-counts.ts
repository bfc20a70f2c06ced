import { ResourceLimitError } from 'sc-protocol';
import { createLimitedWarning } from '../../log/limited-warning.js';
import type { Logger } from '../../log/logger.js';

/** The limits of a balancer that refuse connections. */
export const balancerLimits = ['connectionsPerAddress', 'maxConnections', 'targetConnections'] as const;
export type BalancerLimitName = (typeof balancerLimits)[number];

/** The limits of the supervisor, which accepts connections. */
export const supervisorLimits = [
  'connectsPerSecondPerAddress',
  'maxWaiting',
  'maxConnections',
  'targetConnections',
] as const;
export type SupervisorLimitName = (typeof supervisorLimits)[number];

/** Limits that follow from the number of files that a process may open. */
const fileLimits: ReadonlySet<unknown> = new Set(['maxConnections', 'targetConnections']);
const moreFiles = 'Raise the limit of open files (`ulimit -n`, `LimitNOFILE=` of systemd)';

/** Counts refused connections by the limit that refused them, and logs them, once a second at most. */
export class RefusalCounts<Name extends string> {
  readonly #counts: Record<Name, number>;
  readonly #warn: (error: Error, details?: object) => void;

  /** `message` is that of the log entries. */
  constructor(limits: readonly Name[], logger: Logger, message: string) {
    this.#counts = Object.fromEntries(limits.map((name) => [name, 0])) as Record<Name, number>;
    this.#warn = createLimitedWarning(logger, message);
  }

  /** Takes a refusal, or another problem of a connection. */
  take(problem: Error): void {
    const limit = problem instanceof ResourceLimitError ? (problem as { limit?: unknown }).limit : undefined;
    if (typeof limit === 'string' && Object.hasOwn(this.#counts, limit)) this.#counts[limit as Name] += 1;
    this.#warn(problem, fileLimits.has(limit) ? { remedy: moreFiles } : {});
  }

  snapshot(): Readonly<Record<Name, number>> {
    return { ...this.#counts };
  }
}
