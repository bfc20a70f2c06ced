/** The subset of a stream that {@link takeChunks} uses; every `Readable` of Node provides it. */
export interface ChunkStream {
  /** As in Node's `Readable`. */
  readonly readableFlowing: boolean | null;
  /** As in Node's `Readable`. */
  readonly readableLength: number;
  /** As in Node's `Readable`. */
  on(event: string, listener: (chunk: unknown) => void): unknown;
  /** As in Node's `Readable`. */
  listenerCount(event: string): number;
  /** As in Node's `Readable`. */
  push(chunk: unknown, encoding?: never): boolean;
}

const taker = Symbol('takes the chunks');

type Taken = ChunkStream & { [taker]: (chunk: unknown) => void };

/**
 * As `stream.on('data', take)`, with the stream as `this`, but passes a chunk directly to `take` if the buffer is empty
 * and there is no other listener. This skips the Readable's buffering and its extra tick, which cost more than handling
 * a typical message. Pausing, backpressure and the end work as usual.
 */
export function takeChunks<Stream extends ChunkStream, Chunk>(
  stream: Stream,
  take: (this: Stream, chunk: Chunk) => void,
): void {
  stream.on('data', take as (chunk: unknown) => void);
  Object.assign(stream, { [taker]: take, push });
}

/** Hot path. Replaces the stream's own `push`, which the source calls with the bytes it has read. */
function push(this: Taken, chunk: unknown, encoding?: never): boolean {
  if (chunk === null || this.readableFlowing !== true || this.readableLength > 0 || this.listenerCount('data') !== 1) {
    return (Object.getPrototypeOf(this) as ChunkStream).push.call(this, chunk, encoding);
  }
  this[taker](chunk);
  return true;
}
