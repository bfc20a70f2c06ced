import { ResourceLimitError } from 'sc-protocol';

/** The limits of a balancer that refuse connections. */
export const balancerLimits = ['connectionsPerAddress', 'maxConnections'] as const;
export type BalancerLimitName = (typeof balancerLimits)[number];

/** The limits of the supervisor, which accepts connections. */
export const supervisorLimits = ['connectsPerSecondPerAddress', 'maxWaiting'] as const;
export type SupervisorLimitName = (typeof supervisorLimits)[number];

/** Counts refused connections by the limit that refused them. */
export class RefusalCounts<Name extends string> {
  readonly #counts: Record<Name, number>;

  constructor(limits: readonly Name[]) {
    this.#counts = Object.fromEntries(limits.map((name) => [name, 0])) as Record<Name, number>;
  }

  /** Counts a refusal when a limit was behind it. */
  count(refusal: Error): void {
    if (!(refusal instanceof ResourceLimitError)) return;
    const { limit } = refusal as { limit?: unknown };
    if (typeof limit === 'string' && Object.hasOwn(this.#counts, limit)) this.#counts[limit as Name] += 1;
  }

  snapshot(): Readonly<Record<Name, number>> {
    return { ...this.#counts };
  }
}
