import { type DeliverEvent, type HistoryEvent, type HistoryPosition, lifeOf, streamOf } from './history-event.js';
import { type Publications, type PublicationRecord, showPosition } from './publications.js';

/** Faults that the checker detects. Each violates a guarantee of `docs/guide/history.md`. */
export type FaultKind = 'lost' | 'duplicated' | 'reordered' | 'unsignalled' | 'conflicting';

/** A fault, and the places in the log that show it. */
export interface FoundFault {
  readonly kind: FaultKind;
  readonly client: string;
  readonly text: string;
  readonly places: readonly number[];
}

export interface SubscriptionFindings {
  readonly faults: FoundFault[];
  /** Publications that did not arrive, of which the client was notified in time. */
  signalled: number;
}

export interface PlacedEvent<Event extends HistoryEvent = HistoryEvent> {
  readonly event: Event;
  readonly place: number;
}

/** The time from a first `subscribe` to a `leave` or the end of the log. */
interface Span {
  readonly start: number;
  end: number;
  /** Position at which the subscription began, if the server sends it. */
  readonly joined: HistoryPosition | undefined;
  readonly deliveries: PlacedEvent<DeliverEvent>[];
  /** Places at which the client was notified that publications may be missing. */
  readonly signals: number[];
  /** Positions from which the subscription continued after a signal. */
  readonly moves: { readonly place: number; readonly position: HistoryPosition }[];
  /** Ranges of offsets that the server withheld from this client. */
  readonly dropped: { readonly epoch: string; readonly from: number; readonly to: number }[];
}

/** Checks one client's subscription to one channel, given the channel's publications in the whole log. */
export function checkSubscription(
  client: string,
  log: readonly PlacedEvent[],
  publications: Publications,
): SubscriptionFindings {
  const findings: SubscriptionFindings = { faults: [], signalled: 0 };
  for (const span of spansOf(log)) {
    checkDeliveries(client, span, publications, findings);
    checkMissing(client, span, publications, findings);
  }
  return findings;
}

function spansOf(log: readonly PlacedEvent[]): Span[] {
  const spans: Span[] = [];
  let span: Span | undefined;
  let at: HistoryPosition | undefined;
  for (const { event, place } of log) {
    switch (event.type) {
      case 'subscribe':
        if (span === undefined) {
          span = {
            start: place,
            end: Infinity,
            joined: event.position,
            deliveries: [],
            signals: [],
            moves: [],
            dropped: [],
          };
          spans.push(span);
          // A subscription with an explicit position that could not be recovered.
          if (event.recovered === false) span.signals.push(place);
          at = event.position;
        } else if (event.recovered !== true) {
          span.signals.push(place);
          if (event.position !== undefined) span.moves.push({ place, position: event.position });
          at = event.position ?? at;
        }
        break;
      case 'leave':
        if (span !== undefined) span.end = place;
        span = undefined;
        break;
      case 'gap':
        span?.signals.push(place);
        break;
      case 'position':
        if (event.reason !== undefined) {
          span?.signals.push(place);
          span?.moves.push({ place, position: event.position });
        } else if (at !== undefined && streamOf(at.epoch) === streamOf(event.position.epoch)) {
          span?.dropped.push({ epoch: event.position.epoch, from: at.offset + 1, to: event.position.offset });
        }
        at = event.position;
        break;
      case 'deliver':
        span?.deliveries.push({ event, place });
        at = event.position ?? at;
        break;
      case 'attempt':
      case 'ack':
      case 'fail':
        break;
      default:
        event satisfies never;
    }
  }
  return spans;
}

/**
 * Checks that each publication is delivered once, those of a publisher in order, with rising offsets and no unsignalled
 * holes.
 */
function checkDeliveries(client: string, span: Span, publications: Publications, found: SubscriptionFindings): void {
  const seen = new Map<string, number>();
  const latest = new Map<string, { readonly turn: number; readonly place: number; readonly id: string }>();
  const add = (kind: FaultKind, text: string, places: number[]): void =>
    void found.faults.push({ kind, client, text, places });
  let last: PlacedEvent<DeliverEvent> | undefined;
  for (const delivery of span.deliveries) {
    const { event, place } = delivery;
    const { id, position } = event;
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      // A store that crashed without a log lost its stream: its clients were notified, and publishers published again.
      const isAgain = isOtherEpoch(publications.byId.get(id)?.position, position) && isTold(span, earlier, place);
      if (!isAgain && !isMovedBack(span, position, earlier, place)) {
        add('duplicated', `"${id}" was delivered twice`, [earlier, place]);
      }
      last = delivery;
      continue;
    }
    seen.set(id, place);
    const { publisher, turn, attemptedAt, refusedAt, isUnknown } = publications.byId.get(id) as PublicationRecord;
    if (publisher !== undefined && !isUnknown) {
      const before = latest.get(publisher);
      if (before !== undefined && before.turn > turn) {
        const said = `"${id}" came after "${before.id}", which ${publisher} published later`;
        add('reordered', said, [attemptedAt as number, before.place, place]);
      } else latest.set(publisher, { turn, place, id });
    }
    if (refusedAt !== undefined)
      add('conflicting', `"${id}" was delivered although its publish was refused`, [refusedAt, place]);
    const from = last?.event.position;
    if (position !== undefined && from !== undefined && !isTold(span, (last as PlacedEvent).place, place)) {
      const isSame = streamOf(position.epoch) === streamOf(from.epoch);
      const places = [(last as PlacedEvent).place, place];
      if (!isSame)
        add('unsignalled', `The stream changed from ${showPosition(from)} to ${showPosition(position)}`, places);
      else if (position.offset <= from.offset) {
        add('reordered', `${showPosition(position)} came after ${showPosition(from)}`, places);
      } else
        checkHole(span, from, event, publications, () => {
          add('unsignalled', `No publication between ${showPosition(from)} and ${showPosition(position)}`, places);
        });
    }
    last = delivery;
  }
}

/**
 * Reports a hole between two offsets, unless every offset in it was withheld from this client or belongs to a known
 * publication.
 */
function checkHole(
  span: Span,
  from: HistoryPosition,
  event: DeliverEvent,
  publications: Publications,
  report: () => void,
): void {
  const { position, prev } = event;
  if (position === undefined || (prev ?? position.offset - 1) === from.offset) return;
  let missing = 0;
  for (let offset = from.offset + 1; offset < position.offset; offset++)
    if (!isDropped(span, position.epoch, offset)) missing++;
  for (const { position: known } of publications.byId.values()) {
    const isInside =
      known !== undefined &&
      streamOf(known.epoch) === streamOf(position.epoch) &&
      known.offset > from.offset &&
      known.offset < position.offset;
    // A known publication is reported by `checkMissing` instead.
    if (isInside && !isDropped(span, position.epoch, known.offset)) missing--;
  }
  if (missing > 0) report();
}

/**
 * Checks that everything in the stream that belongs to the span was delivered, or that the client was notified of a
 * gap.
 */
function checkMissing(client: string, span: Span, publications: Publications, found: SubscriptionFindings): void {
  const delivered = new Set(span.deliveries.map(({ event }) => event.id));
  for (const publication of publications.byId.values()) {
    const { id, acks, attemptedAt, firstDeliveredAt, position } = publication;
    const inStreamAt = acks[0] ?? firstDeliveredAt;
    if (inStreamAt === undefined || delivered.has(id) || !belongs(span, publication, inStreamAt)) continue;
    if (position !== undefined && isDropped(span, position.epoch, position.offset)) continue;
    const [before, after] = neighbours(span, publication);
    if (after === undefined && isLeftBehind(span, publication, inStreamAt)) continue;
    if (isTold(span, before ?? span.start - 1, after ?? Infinity)) {
      found.signalled++;
      continue;
    }
    const kind = acks.length > 0 ? 'lost' : 'unsignalled';
    const what = acks.length > 0 ? 'was acknowledged' : 'was delivered to others';
    const places = [attemptedAt, inStreamAt, before ?? span.start, after].filter(
      (at): at is number => at !== undefined,
    );
    found.faults.push({ kind, client, text: `"${id}" (${showPosition(position)}) ${what} and never came`, places });
  }
}

/** Whether the publication must be delivered within the span. */
function belongs(span: Span, { attemptedAt, position }: PublicationRecord, inStreamAt: number): boolean {
  if (inStreamAt > span.end) return false;
  const { joined } = span;
  if (joined !== undefined && position !== undefined && streamOf(joined.epoch) === streamOf(position.epoch)) {
    return position.offset > joined.offset;
  }
  // Without positions, only publications attempted after the subscription are known to belong to it.
  return attemptedAt !== undefined && attemptedAt > span.start;
}

/** Whether the client left before any later publication arrived: this one may have been in flight. */
function isLeftBehind({ end, deliveries }: Span, { position }: PublicationRecord, inStreamAt: number): boolean {
  return end !== Infinity && (position !== undefined || !deliveries.some(({ place }) => place > inStreamAt));
}

/** The deliveries around a missing publication: by position within its stream, otherwise by time. */
function neighbours(
  span: Span,
  { position, attemptedAt = 0 }: PublicationRecord,
): [before: number | undefined, after: number | undefined] {
  let before: number | undefined;
  let after: number | undefined;
  for (const { event, place } of span.deliveries) {
    const own = event.position;
    const isComparable =
      position !== undefined && own !== undefined && streamOf(own.epoch) === streamOf(position.epoch);
    // A delivery of another stream, or without an offset, may be late and does not prove that this publication was
    // skipped.
    const order = isComparable ? orderOf(own, position) : place < attemptedAt ? -1 : 0;
    if (order < 0) before = Math.max(before ?? place, place);
    else if (order > 0) after ??= place;
  }
  return [before, after];
}

/**
 * Negative if the delivery precedes a publication of the same stream, positive if it follows it, 0 if unknown: a crash
 * may lose the end of a stream, whose offsets the next life assigns again, and a recovery reports the newest life for
 * everything it delivers.
 */
function orderOf(own: HistoryPosition, position: HistoryPosition): number {
  const lives = lifeOf(own.epoch) - lifeOf(position.epoch);
  if (own.offset < position.offset) return lives > 0 ? 0 : -1;
  return lives < 0 ? 0 : own.offset - position.offset;
}

function isOtherEpoch(one: HistoryPosition | undefined, other: HistoryPosition | undefined): boolean {
  return one !== undefined && other !== undefined && one.epoch !== other.epoch;
}

/** Whether the client was moved back to before this position: a store lost it, and a worker was not yet notified. */
function isMovedBack({ moves }: Span, at: HistoryPosition | undefined, after: number, before: number): boolean {
  return moves.some(
    ({ place, position }) =>
      place > after &&
      place < before &&
      at !== undefined &&
      streamOf(at.epoch) === streamOf(position.epoch) &&
      position.offset < at.offset,
  );
}

function isTold({ signals }: Span, after: number, before: number): boolean {
  return signals.some((place) => place > after && place < before);
}

function isDropped({ dropped }: Span, epoch: string, offset: number): boolean {
  return dropped.some(
    (range) => streamOf(range.epoch) === streamOf(epoch) && offset >= range.from && offset <= range.to,
  );
}
