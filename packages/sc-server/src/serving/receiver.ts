import { InvalidFrameError, closeCodes, dialectOfPong, type CallId, type ClientFrame } from 'sc-protocol';
import { handleFrame } from './handlers/index.js';
import { InboundQueue } from './inbound-queue.js';
import type { SocketCore } from './socket-core.js';

/** Most frames that one message may hold. */
const maxBatch = 1024;

/** From the bytes of one client to handled frames, in their order. */
export class Receiver {
  readonly #core: SocketCore;
  readonly #queue: InboundQueue<ClientFrame>;

  constructor(core: SocketCore) {
    this.#core = core;
    this.#queue = new InboundQueue(
      (frame) => this.#handle(frame),
      (isPaused) => (isPaused ? core.pauseReading() : core.resumeReading()),
    );
  }

  /** Hot path. */
  receive(data: Buffer, isBinary: boolean): void {
    const core = this.#core;
    const message = isBinary ? data : data.toString('utf8');
    if (typeof message === 'string' && message.length <= 2) {
      const dialect = dialectOfPong(message);
      if (dialect !== undefined) {
        if (core.settledDialect === undefined && core.state === 'open') core.settledDialect = dialect;
        return;
      }
    }
    core.socket.announceMessage(message);
    let value: unknown;
    try {
      value = core.encoding.codec.decode(message);
    } catch {
      core.close(closeCodes.invalidFrame, 'A message could not be decoded');
      return;
    }
    if (Array.isArray(value)) this.#receiveBatch(value);
    else this.#receiveValue(value);
  }

  #receiveBatch(values: readonly unknown[]): void {
    if (values.length > maxBatch) {
      this.#core.close(closeCodes.invalidFrame, `A message holds more than ${maxBatch} frames`);
      return;
    }
    for (const value of values) {
      if (this.#core.state === 'closed') return;
      this.#receiveValue(value);
    }
  }

  #receiveValue(value: unknown): void {
    const core = this.#core;
    let frame: ClientFrame;
    try {
      frame = core.dialect.parseClientFrame(value);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    // Answers overtake: the frame that holds the others up may be waiting for one.
    if (frame.type === 'response') core.calls.settle(frame);
    else this.#queue.push(frame);
  }

  #handle(frame: ClientFrame): Promise<void> | undefined {
    const core = this.#core;
    if (core.state === 'closed') return undefined;
    if (core.state === 'connecting' && frame.type !== 'handshake') {
      core.close(closeCodes.frameBeforeHandshake);
      return undefined;
    }
    return handleFrame(core, frame);
  }

  /** A frame that breaks the protocol is answered when it can be, and ends the socket when not. */
  #refuse(error: unknown): void {
    if (!(error instanceof InvalidFrameError)) throw error;
    const { callId } = error as { callId?: CallId };
    if (callId === undefined || this.#core.state !== 'open') this.#core.close(closeCodes.invalidFrame, error.message);
    else this.#core.respondError(callId, error);
  }
}
