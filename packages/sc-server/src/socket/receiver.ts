import { InvalidFrameError, closeCodes, splitBatch, type CallId, type ClientFrame } from 'sc-protocol';
import { respondError, type Answering } from './answers.js';
import { HeldMessages } from './held-messages.js';
import { limitBehind } from '../limits/frame-rules.js';
import { InboundQueue } from './inbound-queue.js';
import type { LoggedClient } from '../log/client-log.js';
import type { FrameWriter } from './frame-writer.js';
import type { Liveness } from './liveness.js';
import type { OutboundCalls } from './outbound-calls.js';
import type { SCSocket } from './sc-socket.js';
import type { SocketState } from './state.js';
import type { ServerParts } from '../server/parts.js';

/** The socket whose client sends the messages. */
export interface ReceiverOwner extends Answering, LoggedClient {
  readonly state: SocketState;
  readonly parts: ServerParts;
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  readonly liveness: Liveness;
  readonly calls: OutboundCalls;
  /** Handles a frame. Later frames wait for the returned promise, if any; it never rejects. */
  handleFrame(frame: ClientFrame): Promise<void> | undefined;
  greet(): Promise<void> | undefined;
  close(code: number, reason?: string): void;
}

/** Decodes the messages of one client and handles their frames in order. */
export class Receiver {
  readonly #core: ReceiverOwner;
  /** Created when a frame has to wait for the first time; most sockets never need it. */
  #queue: InboundQueue<ClientFrame> | undefined;
  /** Buffers messages for the next process while calls of this one complete. */
  #held: HeldMessages | undefined;

  constructor(core: ReceiverOwner) {
    this.#core = core;
  }

  /** Hot path. */
  receive(message: string | Buffer): void {
    const core = this.#core;
    // The longest pong has two characters.
    if (message.length <= 2 && core.writer.isPong(message)) return;
    if (this.#held?.takes(message) === true) return;
    core.socket.announceMessage(message);
    let value: unknown;
    try {
      value = core.writer.encoding.decode(message);
      core.parts.limits.frames.checkMessage(value);
    } catch (error) {
      this.#countLimit(error);
      core.close(closeCodes.invalidFrame, 'A message could not be decoded');
      return;
    }
    if (Array.isArray(value)) this.#receiveBatch(value);
    // With a binary codec a pong is encoded too.
    else if (typeof value !== 'string' || !core.writer.isPong(value)) this.#receiveValue(value);
  }

  #receiveBatch(batch: readonly unknown[]): void {
    const core = this.#core;
    let values: readonly unknown[];
    try {
      values = splitBatch(batch);
    } catch (error) {
      this.#countLimit(error);
      core.close(closeCodes.invalidFrame, (error as Error).message);
      return;
    }
    // Each frame in a batch costs as much as a single frame.
    if (values.length > 1) core.liveness.spend(values.length - 1);
    for (const value of values) {
      if (core.state === 'closed') return;
      this.#receiveValue(value);
    }
  }

  #receiveValue(value: unknown): void {
    const core = this.#core;
    core.parts.transport.traffic.framesReceived += 1;
    let frame: ClientFrame;
    try {
      frame = core.writer.dialect.parseClientFrame(value);
      core.parts.limits.frames.checkFrame(frame);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if ((frame as { readonly callId?: CallId }).callId !== undefined) core.openCalls += 1;
    // Responses bypass the queue in every state: the frame that blocks it may be waiting for one.
    if (frame.type === 'response' && (core.state === 'open' || core.calls.isPending(frame.responseId))) {
      core.calls.settle(frame);
    } else if (this.#queue !== undefined) this.#queue.push(frame);
    else {
      const busy = this.#handle(frame);
      if (busy !== undefined) this.holdUp(busy);
    }
  }

  /** Whether a frame is waiting for middleware or for earlier frames. */
  get isBusy(): boolean {
    return this.#queue?.isBusy === true;
  }

  /** Starts buffering messages for the next process, except responses to calls of this one. */
  hold(): void {
    this.#held ??= new HeldMessages(this.#core);
  }

  /** Takes the buffered messages, as bytes. */
  takeHeld(): Buffer {
    return this.#held?.take() ?? Buffer.alloc(0);
  }

  /** Queues incoming frames until the promise settles. */
  holdUp(busy: Promise<void>): void {
    const core = this.#core;
    this.#queue = new InboundQueue(
      (frame) => this.#handle(frame),
      (isPaused) => (isPaused ? core.liveness.pause() : core.liveness.resume()),
    );
    this.#queue.waitFor(busy);
  }

  #handle(frame: ClientFrame): Promise<void> | undefined {
    const core = this.#core;
    if (core.state === 'closed') return undefined;
    if (core.state !== 'connecting' || frame.type === 'handshake') return core.handleFrame(frame);
    const greeted = core.greet();
    if (greeted !== undefined) return greeted.then(() => (core.state === 'open' ? core.handleFrame(frame) : undefined));
    core.close(closeCodes.frameBeforeHandshake);
    return undefined;
  }

  #countLimit(refusal: unknown): void {
    const limit = limitBehind(refusal);
    if (limit !== undefined) this.#core.parts.clientLog.reachedLimit(this.#core, limit);
  }

  /** Answers an invalid frame with an error if it is a call on an open socket; closes the socket otherwise. */
  #refuse(error: unknown): void {
    if (!(error instanceof InvalidFrameError)) throw error;
    const core = this.#core;
    this.#countLimit(error);
    const { callId } = error as { callId?: CallId };
    if (callId === undefined || core.state !== 'open') {
      core.close(closeCodes.invalidFrame, error.message);
      return;
    }
    core.openCalls += 1;
    respondError(core, callId, error);
  }
}
