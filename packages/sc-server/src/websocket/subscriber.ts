/**
 * The part of a socket that a fan-out uses. The transport implements it itself, so that a delivery touches no other
 * object.
 */
export interface Subscriber {
  /** The owner of the subscription. */
  readonly owner: object;
  /** Queues one frame, or several joined publications, until the end of the turn. */
  send(frame: Buffer, publications: number): void;
  /** Writes immediately if nothing else is queued for this socket. */
  sendNow(frame: Buffer, publications: number): void;
  /** Whether this many bytes of volatile frames may be sent now; if not, counts the frames as dropped. */
  takesVolatile(bytes: number, frames: number): boolean;
}
