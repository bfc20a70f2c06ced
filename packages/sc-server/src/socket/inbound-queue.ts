/** Number of queued frames at which reading pauses. */
const pauseAt = 256;

/**
 * Keeps the frames of one socket in order while middleware is asynchronous: later frames wait for the current one. When
 * many are queued, reading pauses, so slow middleware applies backpressure to its own client.
 */
export class InboundQueue<Frame> {
  readonly #process: (frame: Frame) => Promise<void> | undefined;
  readonly #setPaused: (isPaused: boolean) => void;
  #waiting: Frame[] | undefined;
  #isPaused = false;

  constructor(process: (frame: Frame) => Promise<void> | undefined, setPaused: (isPaused: boolean) => void) {
    this.#process = process;
    this.#setPaused = setPaused;
  }

  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  /** Hot path. Without asynchronous middleware the frame is processed at once. */
  push(frame: Frame): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(frame);
      if (this.#waiting.length >= pauseAt && !this.#isPaused) this.#pause(true);
      return;
    }
    const busy = this.#process(frame);
    if (busy !== undefined) this.waitFor(busy);
  }

  /** Queues frames pushed from now on. The queue must be empty. */
  waitFor(busy: Promise<void>): void {
    this.#waiting = [];
    void busy.then(this.#continue);
  }

  readonly #continue = (): void => {
    const waiting = this.#waiting ?? [];
    for (let i = 0; i < waiting.length; i++) {
      const frame = waiting[i];
      const busy = frame === undefined ? undefined : this.#process(frame);
      if (busy === undefined) continue;
      waiting.splice(0, i + 1);
      if (waiting.length < pauseAt / 2) this.#pause(false);
      void busy.then(this.#continue);
      return;
    }
    this.#waiting = undefined;
    this.#pause(false);
  };

  #pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#setPaused(isPaused);
  }
}
