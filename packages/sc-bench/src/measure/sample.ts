/** Measurements of one round. */
export interface Sample {
  /** CPU time of the server's whole process tree for each message, in microseconds. */
  readonly cpuUs?: number;
  readonly perSecond?: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  /** Resident memory that each open connection added. */
  readonly bytesPerConnection?: number;
  /** Resident memory that each key of a store added. */
  readonly bytesPerKey?: number;
  /** Share of the time in which the server was on a CPU; above 1 with several processes. */
  readonly serverBusy?: number;
  /** Share of the time in which the load generator had work. */
  readonly clientBusy?: number;
}

export type Quantity = keyof Sample;

/** The middle, the least and the greatest of the numbers that were measured; `undefined` when there are none. */
export function summarize(samples: readonly Sample[], quantity: Quantity): Summary | undefined {
  const values = samples.flatMap((sample) => sample[quantity] ?? []).sort((a, b) => a - b);
  const [min] = values;
  const max = values.at(-1);
  const low = values[(values.length - 1) >> 1];
  const high = values[values.length >> 1];
  if (min === undefined || max === undefined || low === undefined || high === undefined) return undefined;
  return { median: (low + high) / 2, min, max };
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}
