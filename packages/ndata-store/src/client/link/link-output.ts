import type { Socket } from 'node:net';
import type { Call } from '../../commands/call.js';
import { FrameWriter } from '../../wire/frame-writer.js';

/** Buffered frames above this size are flushed before the end of the event loop turn. */
const flushBytes = 64 * 1024;
/** Milliseconds for a store to read the remaining output when the client closes. */
const closeGraceMs = 1000;

/** Output of the links to one store. Batches all calls of an event loop turn into one write. */
export class LinkOutput {
  readonly #writer = new FrameWriter();
  #socket: Socket | undefined;
  #socketBytes = 0;
  #isScheduled = false;

  /** Bytes buffered here and in the socket. */
  get bytes(): number {
    return this.#writer.length + this.#socketBytes;
  }

  /** Switches to this socket. Drops frames buffered for the previous one. */
  use(socket: Socket | undefined): void {
    this.#socket = socket;
    this.#writer.clear();
    this.#socketBytes = 0;
    socket?.on('drain', () => (this.#socketBytes = 0));
  }

  /** Hot path. Writes the whole frame, or throws and writes nothing. Returns the size of the frame in bytes. */
  write(call: Call, id: number): number {
    const writer = this.#writer;
    let bytes: number;
    writer.begin(call.code, id);
    try {
      writer.head(call.keys, call.options);
      if (call.payload !== undefined) writer.encoded(call.payload);
      bytes = writer.end();
    } catch (error) {
      // A partial frame would corrupt all frames after it.
      writer.abandon();
      throw error;
    }
    if (writer.length > flushBytes) this.flush();
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#flushLater);
    }
    return bytes;
  }

  flush(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#writer.flush(socket);
    this.#socketBytes = socket.writableLength;
  }

  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}

/** Closes the socket when all output is flushed, or after `closeGraceMs` if the store has stopped reading. */
export function closeSoon(socket: Socket): void {
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), closeGraceMs);
  socket.once('close', () => clearTimeout(timer));
}
