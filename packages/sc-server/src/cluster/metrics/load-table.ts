import type { Load } from '../children/messages.js';

/** The load of a process according to its last report. */
export interface MeasuredLoad {
  readonly connections?: number;
  readonly clients?: number;
  readonly overloaded?: boolean;
  readonly storesAway?: number;
  readonly awayStores?: readonly string[];
  readonly lostPublications?: number;
  readonly unknownGaps?: number;
  readonly linksLost?: number;
  readonly unconfirmedOrders?: number;
  readonly logFailures?: number;
  /** Rates of the last second. */
  readonly framesInPerSecond?: number;
  readonly framesOutPerSecond?: number;
  readonly connectionsPerSecond?: number;
  readonly commandsPerSecond?: number;
  readonly limitHits?: NonNullable<Load['limitHits']>;
}

/** Counters of a report, by the name of their rate per second. */
const rateNames = {
  framesReceived: 'framesInPerSecond',
  framesSent: 'framesOutPerSecond',
  accepted: 'connectionsPerSecond',
  commands: 'commandsPerSecond',
} as const satisfies Partial<Record<keyof Load, keyof MeasuredLoad>>;
const counts = Object.keys(rateNames) as (keyof typeof rateNames)[];

/** The parts of a report that the status shows unchanged. */
const states = [
  'clients',
  'overloaded',
  'storesAway',
  'awayStores',
  'lostPublications',
  'unknownGaps',
  'linksLost',
  'unconfirmedOrders',
  'logFailures',
] as const satisfies readonly (keyof Load & keyof MeasuredLoad)[];

type Rates = Pick<MeasuredLoad, (typeof rateNames)[keyof typeof rateNames]>;

interface Entry {
  readonly at: number;
  readonly load: Load;
  readonly rates: Rates;
}

/** Age at which a report is stale: processes report once per second, so this one is blocked or has exited. */
const staleMs = 2_500;

/** The last report of each process, and the rates of its counters. */
export class LoadTable {
  readonly #entries = new WeakMap<object, Entry>();
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  report(member: object, load: Load): void {
    const at = this.#now();
    this.#entries.set(member, { at, load, rates: ratesOf(this.#entries.get(member), load, at) });
  }

  of(member: object): MeasuredLoad {
    const entry = this.#entries.get(member);
    if (entry === undefined) return {};
    const { connections, limitHits, ...load } = entry.load;
    const isStale = this.#now() - entry.at > staleMs;
    const { rates } = entry;
    return {
      connections,
      ...Object.fromEntries(states.flatMap((name) => (load[name] === undefined ? [] : [[name, load[name]]]))),
      ...(limitHits !== undefined && { limitHits }),
      ...(isStale ? Object.fromEntries(Object.keys(rates).map((name) => [name, 0])) : rates),
    };
  }
}

function ratesOf(before: Entry | undefined, load: Load, at: number): Rates {
  const elapsedMs = before === undefined ? staleMs : at - before.at;
  // After a gap all growth belongs to the last second: the process was blocked before.
  const seconds = (elapsedMs >= staleMs ? 1_000 : Math.max(1, elapsedMs)) / 1_000;
  const rates = counts.flatMap((count) => {
    const now = load[count];
    if (now === undefined) return [];
    return [[rateNames[count], Math.round((now - (before?.load[count] ?? 0)) / seconds)] as const];
  });
  return Object.fromEntries(rates);
}
