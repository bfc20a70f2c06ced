/** Sent by a server under test to the benchmark when it listens. */
export interface ReadyMessage {
  /** One port for each worker that can be addressed individually, otherwise a single port. */
  readonly ports: readonly number[];
}

/** Sends the ports to the benchmark, collects garbage on request, and exits on disconnect, after `close`. */
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

/** An event in the format that all servers of the benchmark use. */
export interface WireEvent {
  readonly event: string;
  readonly data?: unknown;
  readonly cid?: number;
}
