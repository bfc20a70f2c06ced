import type { Duplex } from 'node:stream';

export interface Draining {
  readonly stream: Duplex;
  isOpen(): boolean;
  pendingBytes(): number;
}

/** A client with no more waiting than this may be sent the next page of what it has missed. */
const drainedBytes = 16_384;
/** How often this looks while frames wait that the stream does not have. */
const checkMs = 10;

/** Does something once little waits for a client: in a later turn, and never if the connection ends before that. */
export function whenDrained(draining: Draining, action: () => void): void {
  const again = (): void => whenDrained(draining, action);
  setImmediate(() => {
    if (!draining.isOpen()) return;
    if (draining.pendingBytes() <= drainedBytes) action();
    else if (draining.stream.writableNeedDrain) draining.stream.once('drain', again);
    else setTimeout(again, checkMs).unref();
  });
}
