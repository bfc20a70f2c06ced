import { type AckEvent, type HistoryEvent, type HistoryPosition, lifeOf, streamOf } from './history-event.js';

/** The entries about one publication in a channel's log. Numbers are places in the log. */
export interface PublicationRecord {
  readonly id: string;
  readonly attemptedAt: number | undefined;
  /** The publisher, and the index of this publication among its publications to the channel. */
  readonly publisher: string | undefined;
  readonly turn: number;
  readonly acks: number[];
  /** Place of a failure after which the publication must not be in the stream. */
  refusedAt: number | undefined;
  /** The publish ended without a response: a copy in flight may arrive late, after newer publications. */
  isUnknown: boolean;
  firstDeliveredAt: number | undefined;
  position: HistoryPosition | undefined;
}

/** The publications of one channel: the attempts, and those known to be in the stream. */
export class Publications {
  readonly byId = new Map<string, PublicationRecord>();
  readonly #turns = new Map<string, number>();

  /** Adds the next event of the channel. Subscription events are ignored. */
  add(event: HistoryEvent, place: number): void {
    switch (event.type) {
      case 'attempt': {
        const turn = (this.#turns.get(event.client) ?? 0) + 1;
        this.#turns.set(event.client, turn);
        this.#create(event.id, place, event.client, turn);
        break;
      }
      case 'ack':
        this.#acked(event, place);
        break;
      case 'fail':
        if (event.isUnknown) this.#record(event.id).isUnknown = true;
        else this.#record(event.id).refusedAt = place;
        break;
      case 'deliver': {
        const record = this.#record(event.id);
        record.firstDeliveredAt ??= place;
        setPosition(record, event.position);
        break;
      }
      case 'subscribe':
      case 'leave':
      case 'gap':
      case 'position':
        break;
      default:
        event satisfies never;
    }
  }

  #acked(event: AckEvent, place: number): void {
    const record = this.#record(event.id);
    record.acks.push(place);
    setPosition(record, event.position);
  }

  #record(id: string): PublicationRecord {
    return this.byId.get(id) ?? this.#create(id, undefined, undefined, 0);
  }

  #create(id: string, attemptedAt: number | undefined, publisher: string | undefined, turn: number): PublicationRecord {
    const record: PublicationRecord = {
      id,
      attemptedAt,
      publisher,
      turn,
      acks: [],
      refusedAt: undefined,
      isUnknown: false,
      firstDeliveredAt: undefined,
      position: undefined,
    };
    this.byId.set(id, record);
    return record;
  }
}

/** Among several positions, the one of the oldest life is the original: a recovery reports the newest life. */
function setPosition(record: PublicationRecord, position: HistoryPosition | undefined): void {
  const known = record.position;
  const isOlder = position !== undefined && known !== undefined && lifeOf(position.epoch) < lifeOf(known.epoch);
  if (known === undefined || (isOlder && streamOf(position.epoch) === streamOf(known.epoch)))
    record.position = position;
}

export function samePosition(one: HistoryPosition, other: HistoryPosition): boolean {
  return one.epoch === other.epoch && one.offset === other.offset;
}

export function showPosition(position: HistoryPosition | undefined): string {
  return position === undefined ? 'no position' : `${position.epoch}:${position.offset}`;
}
