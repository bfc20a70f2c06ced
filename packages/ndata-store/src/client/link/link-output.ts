import type { Socket } from 'node:net';
import type { Call } from '../../commands/call.js';
import { FrameWriter } from '../../wire/frame-writer.js';

/** Frames collected in a loop turn leave early when they are this many bytes. */
const flushBytes = 64 * 1024;
/** Milliseconds that a store has to take what is waiting for it when the client closes. */
const closeGraceMs = 1000;

/** Output of the links of one store: all calls of a loop turn leave in one write. */
export class LinkOutput {
  readonly #writer = new FrameWriter();
  #socket: Socket | undefined;
  #socketBytes = 0;
  #isScheduled = false;

  /** Bytes that have not left. */
  get bytes(): number {
    return this.#writer.length + this.#socketBytes;
  }

  /** Writes to this socket from now on; what was written for another is dropped. */
  use(socket: Socket | undefined): void {
    this.#socket = socket;
    this.#writer.clear();
    this.#socketBytes = 0;
    socket?.on('drain', () => (this.#socketBytes = 0));
  }

  /** Hot path. Returns how many bytes the command takes. Writes the whole frame or throws. */
  write(call: Call, id: number): number {
    const writer = this.#writer;
    let bytes: number;
    writer.begin(call.code, id);
    try {
      writer.head(call.keys, call.options);
      if (call.payload !== undefined) writer.encoded(call.payload);
      bytes = writer.end();
    } catch (error) {
      // Half a frame would make everything behind it unreadable.
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

/** Closes when the store has taken everything, or has stopped reading. */
export function closeSoon(socket: Socket): void {
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), closeGraceMs);
  socket.once('close', () => clearTimeout(timer));
}
