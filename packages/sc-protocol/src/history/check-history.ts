import { type FaultKind, type FoundFault, type PlacedEvent, checkSubscription } from './check-subscription.js';
import type { HistoryEvent } from './history-event.js';
import { Publications, samePosition, showPosition } from './publications.js';

/** A violated guarantee, with the shortest excerpt of the log that shows it. */
export interface HistoryFault {
  /** The kind of fault. */
  readonly kind: FaultKind;
  /** Name of the subscriber, or of the publisher for a publication that conflicts. */
  readonly client: string;
  /** Name of the channel. */
  readonly channel: string;
  /** A description with the ids and positions. */
  readonly text: string;
  /** The shortest excerpt of the log that shows the fault. */
  readonly piece: readonly HistoryEvent[];
}

/** The result of a check: totals, and every fault. */
export interface HistoryReport {
  /** Publishes that were attempted. */
  readonly attempts: number;
  /** Publishes that were acknowledged. */
  readonly acks: number;
  /** Publishes that are known to have failed. */
  readonly refused: number;
  /** Publishes with an unknown outcome. */
  readonly unknown: number;
  /** Publications that reached subscribers. */
  readonly deliveries: number;
  /** Subscribe acks with `recovered: true`. */
  readonly recoveries: number;
  /** Subscribe acks with `recovered: false`. */
  readonly failedRecoveries: number;
  /** Publications that a subscriber missed and was notified of in time. */
  readonly signalled: number;
  /** How many faults there are of each kind. */
  readonly counts: Readonly<Record<FaultKind, number>>;
  /** The faults, in the order of the log. */
  readonly faults: readonly HistoryFault[];
}

/**
 * Checks the log of a run: per publisher and subscriber, nothing is lost, duplicated or reordered, and no publication
 * is skipped without a signal. The log must cover every publisher, and end after everything was delivered.
 */
export function checkHistory(log: readonly HistoryEvent[]): HistoryReport {
  const channels = new Map<string, PlacedEvent[]>();
  for (const [place, event] of log.entries()) {
    const known = channels.get(event.channel);
    if (known === undefined) channels.set(event.channel, [{ event, place }]);
    else known.push({ event, place });
  }
  const faults: HistoryFault[] = [];
  let signalled = 0;
  for (const [channel, events] of channels) {
    const publications = new Publications();
    const clients = new Map<string, PlacedEvent[]>();
    for (const placed of events) {
      publications.add(placed.event, placed.place);
      const { client } = placed.event;
      const known = clients.get(client);
      if (known === undefined) clients.set(client, [placed]);
      else known.push(placed);
    }
    const add = ({ kind, client, text, places }: FoundFault): void => {
      const piece = [...new Set(places)].sort((one, other) => one - other).map((place) => log[place] as HistoryEvent);
      faults.push({ kind, client, channel, text, piece });
    };
    for (const fault of conflicts(events)) add(fault);
    for (const [client, own] of clients) {
      const findings = checkSubscription(client, own, publications);
      signalled += findings.signalled;
      for (const fault of findings.faults) add(fault);
    }
  }
  const counts = { lost: 0, duplicated: 0, reordered: 0, unsignalled: 0, conflicting: 0 };
  for (const { kind } of faults) counts[kind]++;
  const count = (isCounted: (event: HistoryEvent) => boolean): number => log.filter(isCounted).length;
  return {
    attempts: count(({ type }) => type === 'attempt'),
    acks: count(({ type }) => type === 'ack'),
    refused: count((event) => event.type === 'fail' && !event.isUnknown),
    unknown: count((event) => event.type === 'fail' && event.isUnknown),
    deliveries: count(({ type }) => type === 'deliver'),
    recoveries: count((event) => event.type === 'subscribe' && event.recovered === true),
    failedRecoveries: count((event) => event.type === 'subscribe' && event.recovered === false),
    signalled,
    counts,
    faults,
  };
}

/** A position names one publication, and a publication has one position. */
function conflicts(events: readonly PlacedEvent[]): FoundFault[] {
  const faults: FoundFault[] = [];
  const byPosition = new Map<string, { readonly id: string; readonly place: number }>();
  const byId = new Map<string, PlacedEvent>();
  for (const placed of events) {
    const { event, place } = placed;
    if ((event.type !== 'ack' && event.type !== 'deliver') || event.position === undefined) continue;
    const { id, client, position } = event;
    const key = showPosition(position);
    const other = byPosition.get(key);
    if (other === undefined) byPosition.set(key, { id, place });
    else if (other.id !== id) {
      const text = `${key} is the position of "${other.id}" and of "${id}"`;
      faults.push({ kind: 'conflicting', client, text, places: [other.place, place] });
    }
    const earlier = byId.get(id);
    if (earlier === undefined) byId.set(id, placed);
    else {
      const before = earlier.event as typeof event;
      // A recovery reports the newest epoch for everything it delivers, and a publication lost in a crash may be
      // published again.
      if (before.position?.epoch !== position.epoch || samePosition(before.position, position)) continue;
      const text = `"${id}" is at ${showPosition(before.position)} and at ${key}`;
      faults.push({ kind: 'conflicting', client, text, places: [earlier.place, place] });
    }
  }
  return faults;
}
