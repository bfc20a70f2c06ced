/** A point in the stream of a channel: the epoch is `stream.life`. */
export interface HistoryPosition {
  /** Identifies the stream and the life of the store. */
  readonly epoch: string;
  /** Number of the publication in the stream, from 1. */
  readonly offset: number;
}

interface Common {
  /** Milliseconds, by one clock for the whole log. */
  readonly at: number;
  /** Name of the client. */
  readonly client: string;
  /** Name of the channel. */
  readonly channel: string;
}

/** The client begins to publish. `id` is unique within the log and is part of what is published. */
export interface AttemptEvent extends Common {
  /** Always `attempt`. */
  readonly type: 'attempt';
  /** Identifies the publication within the log. */
  readonly id: string;
}

/** The publish was acknowledged. */
export interface AckEvent extends Common {
  /** Always `ack`. */
  readonly type: 'ack';
  /** Identifies the publication within the log. */
  readonly id: string;
  /** The position, where the channel keeps history. */
  readonly position?: HistoryPosition | undefined;
}

/** The publish ended with an error. With `isUnknown` its outcome is unknown. */
export interface FailEvent extends Common {
  /** Always `fail`. */
  readonly type: 'fail';
  /** Identifies the publication within the log. */
  readonly id: string;
  /** Whether the publication may have been published. */
  readonly isUnknown: boolean;
}

/**
 * The subscription is confirmed, for the first time or again, or its stream was lost while it was open. `position` is where it
 * goes on from; `recovered` is absent for a first subscription and from servers that recover nothing.
 */
export interface SubscribeEvent extends Common {
  /** Always `subscribe`. */
  readonly type: 'subscribe';
  /** Whether everything missed follows. */
  readonly recovered?: boolean | undefined;
  /** The reason if it does not, as in `GapReason`. */
  readonly reason?: string | undefined;
  /** The position, where the channel keeps history. */
  readonly position?: HistoryPosition | undefined;
}

/** The subscription was ended by the client or the server: nothing is owed until the next `subscribe`. */
export interface LeaveEvent extends Common {
  /** Always `leave`. */
  readonly type: 'leave';
}

/** A publication was delivered. `prev` is the offset before it in the stream, if that is not `offset - 1`. */
export interface DeliverEvent extends Common {
  /** Always `deliver`. */
  readonly type: 'deliver';
  /** Identifies the publication within the log. */
  readonly id: string;
  /** The position, where the channel keeps history. */
  readonly position?: HistoryPosition | undefined;
  /** Offset of the publication before it in the stream. @default one less than its own */
  readonly prev?: number | undefined;
}

/** The client noticed that publications are missing and told so. */
export interface GapEvent extends Common {
  /** Always `gap`. */
  readonly type: 'gap';
}

/** The server moved the client's position. With a reason the stream was lost; without one there was nothing to see. */
export interface PositionEvent extends Common {
  /** Always `position`. */
  readonly type: 'position';
  /** The new position. */
  readonly position: HistoryPosition;
  /** The reason if it does not, as in `GapReason`. */
  readonly reason?: string | undefined;
}

/** One entry of the log of a run, in the order in which things happened. */
export type HistoryEvent =
  AttemptEvent | AckEvent | FailEvent | SubscribeEvent | LeaveEvent | DeliverEvent | GapEvent | PositionEvent;

/** The part of the stream that the life number does not change. */
export function streamOf(epoch: string): string {
  const dot = epoch.lastIndexOf('.');
  return dot < 0 ? epoch : epoch.slice(0, dot);
}

/** The number of the store's run, in base 36; 0 for an epoch without one. */
export function lifeOf(epoch: string): number {
  const dot = epoch.lastIndexOf('.');
  return (dot < 0 ? 0 : Number.parseInt(epoch.slice(dot + 1), 36)) || 0;
}
