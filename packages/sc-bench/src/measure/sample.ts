/** Measurements of one round. */
export interface Sample {
  /** CPU time of the server's whole process tree per message (or other unit of work), in microseconds. */
  readonly cpuUs?: number;
  readonly perSecond?: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  /** Growth of resident memory per open connection. */
  readonly bytesPerConnection?: number;
  /** Growth of resident memory per key of a store. */
  readonly bytesPerKey?: number;
  /** CPU utilization of the server: 1 is one full core. */
  readonly serverBusy?: number;
  /** Share of the time in which the load generator was busy. */
  readonly clientBusy?: number;
}

export type Quantity = keyof Sample;

/** Returns median, minimum and maximum of the measured values, or `undefined` if there are none. */
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
