import type { Duplex } from 'node:stream';

export interface Draining {
  readonly stream: Duplex;
  isOpen(): boolean;
  pendingBytes(): number;
}

/** Pending bytes up to which a client counts as drained and may receive the next page of missed publications. */
const drainedBytes = 16_384;
/** Milliseconds between checks while frames are queued outside the stream. */
const checkMs = 10;

/** Runs an action once few bytes are pending for a client: in a later turn, and never if the connection ends first. */
export function whenDrained(draining: Draining, action: () => void): void {
  const again = (): void => whenDrained(draining, action);
  setImmediate(() => {
    if (!draining.isOpen()) return;
    if (draining.pendingBytes() <= drainedBytes) action();
    else if (draining.stream.writableNeedDrain) draining.stream.once('drain', again);
    else setTimeout(again, checkMs).unref();
  });
}
