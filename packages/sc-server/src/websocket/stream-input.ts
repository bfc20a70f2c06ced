import type { Duplex } from 'node:stream';
import { FrameReader, type FrameLimits, type FrameSink } from './frame-reader.js';
import type { UnfinishedMessages } from './late-messages.js';
import { rawHandleOf, stopReading } from './raw-handle.js';
import type { UnreadInput } from './unread-input.js';
import { takeBuffered } from './upgraded-stream.js';

/** The reading side of one client's stream: parses its bytes into frames, and pauses and resumes reading. */
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

  /** Bytes that were read but not handled: those of an incomplete message, and those buffered while paused. */
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

  /** Pauses reading, so that TCP applies backpressure to the client. */
  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream.resume();
  }

  /** Ignores all further input. */
  stop(): void {
    this.#reader.stop();
  }

  /** Ignores all further input, but keeps reading: unread data would turn the end of the connection into a reset. */
  discard(): void {
    this.#reader.stop();
    this.#isPaused = false;
    this.#stream.resume();
  }

  /** Continues for another process on a paused stream, with the input that it left unread. */
  takeOver(unread: UnreadInput): void {
    this.#reader.resume(unread);
    if (!this.#isPaused) this.#stream.resume();
  }

  /** Stops reading for good, and returns the unhandled input. */
  handOver(): UnreadInput {
    const handle = rawHandleOf(this.#stream);
    this.#stream.pause();
    const { bytes, fragments } = this.#reader.unread();
    this.#reader.stop();
    const buffered = takeBuffered(this.#stream);
    // Must be last: taking the buffered chunks makes the stream read again.
    if (handle !== undefined) stopReading(handle);
    return { bytes: Buffer.concat([bytes, buffered]), fragments };
  }
}
