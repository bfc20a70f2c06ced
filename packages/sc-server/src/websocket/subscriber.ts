/** The part of a socket that a fan-out uses: the very object that writes, so that a delivery touches no other. */
export interface Subscriber {
  /** Whose subscription it is. */
  readonly owner: object;
  /** Sends at the end of the turn, with whatever else is for this socket: a number of publications that are joined. */
  send(frame: Buffer, publications: number): void;
  /** Sends at once when nothing else waits for this socket. */
  sendNow(frame: Buffer, publications: number): void;
  /** Whether so many bytes of volatile frames may be sent now; if not, the frames count as dropped. */
  takesVolatile(bytes: number, frames: number): boolean;
}
