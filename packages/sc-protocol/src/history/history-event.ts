/** A point in the stream of a channel: the epoch is `stream.life`. */
export interface HistoryPosition {
  readonly epoch: string;
  readonly offset: number;
}

interface Common {
  /** Milliseconds, by one clock for the whole log. */
  readonly at: number;
  /** Name of the client. */
  readonly client: string;
  readonly channel: string;
}

/** The client begins to publish. `id` is unique within the log and is part of what is published. */
export interface AttemptEvent extends Common {
  readonly type: 'attempt';
  readonly id: string;
}

/** The publish was acknowledged. */
export interface AckEvent extends Common {
  readonly type: 'ack';
  readonly id: string;
  readonly position?: HistoryPosition | undefined;
}

/** The publish ended with an error. With `isUnknown` its outcome is unknown. */
export interface FailEvent extends Common {
  readonly type: 'fail';
  readonly id: string;
  readonly isUnknown: boolean;
}

/**
 * The subscription is confirmed, for the first time or again, or its stream was lost while it was open. `position` is where it
 * goes on from; `recovered` is absent for a first subscription and from servers that recover nothing.
 */
export interface SubscribeEvent extends Common {
  readonly type: 'subscribe';
  readonly recovered?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly position?: HistoryPosition | undefined;
}

/** The subscription was ended by the client or the server: nothing is owed until the next `subscribe`. */
export interface LeaveEvent extends Common {
  readonly type: 'leave';
}

/** A publication was delivered. `prev` is the offset before it in the stream, if that is not `offset - 1`. */
export interface DeliverEvent extends Common {
  readonly type: 'deliver';
  readonly id: string;
  readonly position?: HistoryPosition | undefined;
  readonly prev?: number | undefined;
}

/** The client noticed that publications are missing and told so. */
export interface GapEvent extends Common {
  readonly type: 'gap';
}

/** The server moved the client's position. With a reason the stream was lost; without one there was nothing to see. */
export interface PositionEvent extends Common {
  readonly type: 'position';
  readonly position: HistoryPosition;
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
