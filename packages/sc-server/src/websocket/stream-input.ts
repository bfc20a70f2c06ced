import type { Duplex } from 'node:stream';
import { FrameReader, type FrameLimits, type FrameSink } from './frame-reader.js';
import type { UnfinishedMessages } from './late-messages.js';
import { rawHandleOf, stopReading } from './raw-handle.js';
import type { UnreadInput } from './unread-input.js';
import { takeBuffered } from './upgraded-stream.js';

/** The reading side of one client's stream: from its bytes to frames, and when not to read. */
export class StreamInput {
  readonly #stream: Duplex;
  readonly #reader: FrameReader;
  #isPaused = false;

  constructor(stream: Duplex, sink: FrameSink, limits: FrameLimits, unfinished: UnfinishedMessages) {
    this.#stream = stream;
    this.#reader = new FrameReader(sink, limits, unfinished);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Bytes that have been read, of a message that is not complete or behind a pause. */
  get unreadBytes(): number {
    return this.#reader.unread().bytes.length + this.#stream.readableLength;
  }

  /** Hot path. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  limitTo(limits: FrameLimits): void {
    this.#reader.limitTo(limits);
  }

  /** TCP pushes back on the client. */
  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream.resume();
  }

  /** Handles nothing more. */
  stop(): void {
    this.#reader.stop();
  }

  /** Handles nothing more, and reads on: unread data would turn the end of the connection into a reset. */
  discard(): void {
    this.#reader.stop();
    this.#isPaused = false;
    this.#stream.resume();
  }

  /** Goes on for another process, with what it left unread, on a stream that is paused. */
  takeOver(unread: UnreadInput): void {
    this.#reader.resume(unread);
    if (!this.#isPaused) this.#stream.resume();
  }

  /** Reads nothing more, ever, and returns what was not handled. */
  handOver(): UnreadInput {
    const handle = rawHandleOf(this.#stream);
    this.#stream.pause();
    const { bytes, fragments } = this.#reader.unread();
    this.#reader.stop();
    const buffered = takeBuffered(this.#stream);
    // Last: taking what is buffered makes the stream read again.
    if (handle !== undefined) stopReading(handle);
    return { bytes: Buffer.concat([bytes, buffered]), fragments };
  }
}
