/** A point in the stream of a channel: the epoch is `stream.life`. */
export interface HistoryPosition {
  /** Identifies the stream and the life of the store. */
  readonly epoch: string;
  /** Number of the publication in the stream, from 1. */
  readonly offset: number;
}

interface Common {
  /** Milliseconds of one clock for the whole log. */
  readonly at: number;
  /** Name of the client. */
  readonly client: string;
  /** Name of the channel. */
  readonly channel: string;
}

/** The client starts a publish. `id` is unique within the log and is part of the payload. */
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
 * The subscription was acknowledged, for the first time or again, or its stream was lost while it was open. `position`
 * is where it continues; `recovered` is absent for a first subscription and from servers without recovery.
 */
export interface SubscribeEvent extends Common {
  /** Always `subscribe`. */
  readonly type: 'subscribe';
  /** Whether all missed publications follow. */
  readonly recovered?: boolean | undefined;
  /** The reason if it does not, as in `GapReason`. */
  readonly reason?: string | undefined;
  /** The position, where the channel keeps history. */
  readonly position?: HistoryPosition | undefined;
}

/** The client or the server ended the subscription: no deliveries are expected until the next `subscribe`. */
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

/** The client detected and reported missing publications. */
export interface GapEvent extends Common {
  /** Always `gap`. */
  readonly type: 'gap';
}

/**
 * The server moved the client's position. With a reason the stream was lost; without one, publications were withheld
 * from the client.
 */
export interface PositionEvent extends Common {
  /** Always `position`. */
  readonly type: 'position';
  /** The new position. */
  readonly position: HistoryPosition;
  /** The reason if it does not, as in `GapReason`. */
  readonly reason?: string | undefined;
}

/** One entry of the log of a run, in chronological order. */
export type HistoryEvent =
  AttemptEvent | AckEvent | FailEvent | SubscribeEvent | LeaveEvent | DeliverEvent | GapEvent | PositionEvent;

/** The part of the epoch that identifies the stream, without the life. */
export function streamOf(epoch: string): string {
  const dot = epoch.lastIndexOf('.');
  return dot < 0 ? epoch : epoch.slice(0, dot);
}

/** The number of the store's run, in base 36; 0 for an epoch without one. */
export function lifeOf(epoch: string): number {
  const dot = epoch.lastIndexOf('.');
  return (dot < 0 ? 0 : Number.parseInt(epoch.slice(dot + 1), 36)) || 0;
}
