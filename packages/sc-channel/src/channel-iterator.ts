import { count, oneOf, type OptionsOf } from 'sc-protocol/kit';

/** Declarations of the options of an iteration. A bundler drops the call where options are not checked. */
export const iterateTable = /* @__PURE__ */ (() => {
  return {
    /** Maximum number of publications that are buffered for a slow reader. */
    maxBuffered: count({ default: 1024, min: 1 }),
    /**
     * Policy for a publication when the buffer is full: `'dropOldest'` drops the oldest buffered one, `'dropNewest'`
     * drops the new one. Both are counted in `dropped`.
     */
    whenFull: oneOf(['dropOldest', 'dropNewest'], { default: 'dropOldest' }),
  };
})();

/** Options of an iteration. */
export interface IterateOptions extends Readonly<OptionsOf<typeof iterateTable>> {}

/** Reads a channel's publications one by one. Ends when the channel is unsubscribed, kicked out or destroyed. */
export interface ChannelIterator<Data> extends AsyncIterableIterator<Data> {
  /** Number of publications dropped because the reader was too slow. */
  readonly dropped: number;
}

type Reader<Data> = (result: IteratorResult<Data, undefined>) => void;

const over = { done: true, value: undefined } as const;

/** The iterator of a reader, with `push` and `end` for its channel. */
export class IteratorBuffer<Data> implements ChannelIterator<Data> {
  readonly #maxBuffered: number;
  readonly #dropsOldest: boolean;
  readonly #onReturn: (self: IteratorBuffer<Data>) => void;
  readonly #waiting: Data[] = [];
  readonly #readers: Reader<Data>[] = [];
  dropped = 0;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  constructor(options: IterateOptions, onReturn: (self: IteratorBuffer<Data>) => void) {
    const { maxBuffered = 1024, whenFull = 'dropOldest' } = options;
    this.#maxBuffered = maxBuffered;
    this.#dropsOldest = whenFull === 'dropOldest';
    this.#onReturn = onReturn;
  }

  push(data: Data): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: data });
      return;
    }
    if (this.#waiting.length >= this.#maxBuffered) {
      this.dropped++;
      if (!this.#dropsOldest) return;
      this.#waiting.shift();
    }
    this.#waiting.push(data);
  }

  /** Ends the iteration, or fails it with the error given, once the reader has drained the buffer. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    // Readers wait only while the buffer is empty, so end them now.
    for (const reader of this.#readers.splice(0)) reader(over);
  }

  async next(): Promise<IteratorResult<Data, undefined>> {
    if (this.#waiting.length > 0) return { done: false, value: this.#waiting.shift() as Data };
    if (!this.#ended) {
      const result = await new Promise<IteratorResult<Data, undefined>>((resolve) => this.#readers.push(resolve));
      if (result.done !== true) return result;
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return over;
  }

  return(): Promise<IteratorResult<Data, undefined>> {
    this.#waiting.length = 0;
    this.end();
    this.#failure = undefined;
    this.#onReturn(this);
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
