import type { Load } from './messages.js';

/** What a process has to do, as its last report says. */
export interface MeasuredLoad {
  readonly connections?: number;
  readonly clients?: number;
  readonly overloaded?: boolean;
  /** Of the last second. */
  readonly framesInPerSecond?: number;
  readonly framesOutPerSecond?: number;
  readonly limitHits?: NonNullable<Load['limitHits']>;
}

type Rates = Required<Pick<MeasuredLoad, 'framesInPerSecond' | 'framesOutPerSecond'>>;

interface Entry {
  readonly at: number;
  readonly load: Load;
  readonly rates: Rates | undefined;
}

/** A process reports once a second, and not at all while nothing happens. */
const staleMs = 2_500;
const none: Rates = { framesInPerSecond: 0, framesOutPerSecond: 0 };

/** The last report of each process, and how fast its counts grow. */
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
    const { connections, clients, overloaded, limitHits } = entry.load;
    const isStale = this.#now() - entry.at > staleMs;
    return {
      connections,
      ...(clients !== undefined && { clients }),
      ...(overloaded !== undefined && { overloaded }),
      ...(limitHits !== undefined && { limitHits }),
      ...(isStale ? entry.rates && none : entry.rates),
    };
  }
}

function ratesOf(before: Entry | undefined, load: Load, at: number): Rates | undefined {
  const { framesReceived, framesSent } = load;
  if (framesReceived === undefined || framesSent === undefined) return undefined;
  const elapsedMs = before === undefined ? staleMs : at - before.at;
  // Nothing happened since a report of long ago but in the last second.
  const seconds = (elapsedMs >= staleMs ? 1_000 : Math.max(1, elapsedMs)) / 1_000;
  const perSecond = (now: number, then = 0): number => Math.round((now - then) / seconds);
  return {
    framesInPerSecond: perSecond(framesReceived, before?.load.framesReceived),
    framesOutPerSecond: perSecond(framesSent, before?.load.framesSent),
  };
}
