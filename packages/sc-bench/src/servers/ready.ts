/** The message that a server under test sends to the bench when it listens. */
export interface ReadyMessage {
  /** One for each worker that can be reached by itself, else just one. */
  readonly ports: readonly number[];
}

/** Tells the bench where to connect, collects garbage when it asks, and ends with it, after `close`. */
export function announceReady(ports: readonly number[], close?: () => Promise<void>): void {
  const message: ReadyMessage = { ports };
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.({ collected: true });
  });
  process.on('disconnect', () => {
    void Promise.resolve(close?.()).finally(() => process.exit(0));
  });
  process.send?.(message);
}

/** The data of an event, as every server of the bench understands it. */
export interface WireEvent {
  readonly event: string;
  readonly data?: unknown;
  readonly cid?: number;
}
