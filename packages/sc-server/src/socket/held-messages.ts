import type { CallId, ClientFrame } from 'sc-protocol';
import type { FrameWriter } from './frame-writer.js';
import { opcodes } from '../websocket/opcodes.js';
import { frameOfClient } from '../websocket/unread-input.js';

/** The socket whose messages are buffered. */
export interface HoldingOwner {
  readonly writer: FrameWriter;
  readonly calls: { isPending(id: CallId): boolean };
  readonly liveness: { pause(): void };
}

/** Buffered bytes above which reading pauses. */
const maxBytes = 32 * 1024;
const finalBit = 0x80;

/**
 * Buffers messages of a client whose socket is about to move; the next process handles them. Responses to calls of this
 * process are not buffered, because the move waits for them.
 */
export class HeldMessages {
  readonly #core: HoldingOwner;
  #frames: Buffer[] = [];
  #bytes = 0;
  #isPaused = false;

  constructor(core: HoldingOwner) {
    this.#core = core;
  }

  /** Buffers the message and returns true, or returns false if this process must handle it. */
  takes(message: string | Buffer): boolean {
    if (this.#isForThisProcess(message)) return false;
    const isText = typeof message === 'string';
    const payload = isText ? Buffer.from(message) : message;
    this.#frames.push(frameOfClient(finalBit | (isText ? opcodes.text : opcodes.binary), 0, payload.length, payload));
    this.#bytes += payload.length;
    if (this.#bytes > maxBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#core.liveness.pause();
    }
    return true;
  }

  take(): Buffer {
    const bytes = Buffer.concat(this.#frames);
    this.#frames = [];
    return bytes;
  }

  #isForThisProcess(message: string | Buffer): boolean {
    const { writer, calls } = this.#core;
    let frame: ClientFrame;
    try {
      const value = writer.encoding.decode(message);
      if (typeof value === 'string') return writer.isPong(value);
      frame = writer.dialect.parseClientFrame(value);
    } catch {
      return false;
    }
    return frame.type === 'response' && calls.isPending(frame.responseId);
  }
}
