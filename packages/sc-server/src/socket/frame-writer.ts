import {
  defaultDialect,
  dialects,
  jsonCodec,
  type CallId,
  type Dialect,
  type HandshakeFrame,
  type ServerFrame,
} from 'sc-protocol';
import { createB6Dialect, createPingProber, type PingProber, type PingProberState } from 'sc-protocol/legacy';
import type { Encoding } from '../channels/encoding.js';
import { AckBatch } from './answers.js';
import type { TurnQueue } from '../websocket/turn-queue.js';
import { frameMessage, outgoingBytes, type Outgoing } from '../websocket/outgoing.js';
import type { ReservedPlace } from '../websocket/transport-owner.js';

/** The part of the transport that the writer uses. */
export interface FrameSender {
  send(frame: Outgoing, publications?: number): void;
  reserve(): ReservedPlace;
  takesVolatile(bytes: number, frames: number): boolean;
}

const emptyPing = frameMessage('');

/** The client's dialect, or the state of probing for it, to pass on when the socket moves. */
export interface SavedDialect {
  readonly isB6: boolean;
  readonly found: PingProberState | undefined;
}

/** Writes frames to one client in order, in the client's dialect and negotiated codec. */
export class FrameWriter {
  readonly encoding: Encoding;
  readonly #transport: FrameSender;
  readonly #protocolVersion: 1 | 2 | 'auto';
  readonly #turn: TurnQueue;
  /** The reserved place for the next frame, ahead of frames that were sent after it was reserved. */
  #place: ReservedPlace | undefined;
  #prober: PingProber | undefined;
  #ackBatch: AckBatch | undefined;

  constructor(transport: FrameSender, encoding: Encoding, protocolVersion: 1 | 2 | 'auto', turn: TurnQueue) {
    this.#transport = transport;
    this.encoding = encoding;
    this.#protocolVersion = protocolVersion;
    this.#turn = turn;
  }

  get dialect(): Dialect {
    return this.#prober?.dialect ?? (this.#protocolVersion === 1 ? dialects.v1 : defaultDialect);
  }

  /** Switches to the dialect of generation B6, without probing. */
  speakB6(authCookieName: string): void {
    this.#prober = createPingProber({ dialect: createB6Dialect(authCookieName) });
  }

  /** State to pass on when the socket moves. */
  save(): SavedDialect {
    return { isB6: this.dialect.name === 'b6', found: this.#prober?.save() };
  }

  /** Restores the state from another process. */
  restore({ isB6, found }: SavedDialect, authCookieName: string): void {
    if (isB6) this.speakB6(authCookieName);
    else if (found !== undefined) this.#prober = this.#createProber(found);
  }

  /** Determines the client's dialect from the handshake, or starts probing for it. */
  settleDialect(frame: HandshakeFrame): void {
    // A client that announces its name or features uses the newest dialect; no probing is needed.
    if (frame.client !== undefined || frame.features.length > 0 || this.#protocolVersion === 2) return;
    this.#prober = this.#createProber();
  }

  /** Whether the dialect is determined by probing with pings. */
  get isProbing(): boolean {
    return this.#prober !== undefined;
  }

  /** Hot path. Sends an encoded frame, or several publications joined into one buffer. */
  send(frame: Outgoing, publications = 0): void {
    this.#transport.send(frame, publications);
  }

  /** Encodes and sends a frame. Throws the codec's error if the data cannot be encoded. */
  sendFrame(frame: ServerFrame): void {
    const encoded = this.encode(frame);
    if (this.#place === undefined) this.#transport.send(encoded, frame.type === 'publication' ? 1 : 0);
    else this.#fill(this.#place, encoded);
  }

  /** Like {@link sendFrame}, but drops and counts the frame while too many bytes are pending for this client. */
  sendVolatile(frame: ServerFrame): void {
    const encoded = this.encode(frame);
    if (!this.#transport.takesVolatile(outgoingBytes(encoded), 1)) return;
    this.#transport.send(encoded, frame.type === 'publication' ? 1 : 0);
  }

  /** Encodes several frames as one array; only for clients that announced `batch`. */
  encodeBatch(frames: readonly ServerFrame[]): Outgoing {
    return this.encoding.batch(frames, this.dialect);
  }

  /** Sends a WebSocket text message that is not a protocol frame. */
  sendText(text: string): void {
    this.#transport.send(text);
  }

  encode(frame: ServerFrame): Outgoing {
    return this.encoding.frame(frame, this.dialect);
  }

  /** Reserves a place in the send queue for a frame that is not ready; later frames wait for it. */
  reserve(): ReservedPlace {
    return this.#transport.reserve();
  }

  /** Runs `act`, then `answer`. The frame sent by `answer` precedes all frames sent by `act`. */
  answerFirst(act: () => void, answer: () => void): void {
    const place = this.#transport.reserve();
    try {
      act();
      this.#place = place;
      answer();
    } finally {
      this.#fill(place);
    }
  }

  /**
   * Sends a response batched with the others of this event-loop turn. `error` is the thrown value; `undefined` means
   * success.
   */
  addAck(callId: CallId, error: unknown, data?: unknown): void {
    this.#ackBatch ??= new AckBatch(this, this.#turn);
    this.#ackBatch.add(callId, error, data);
  }

  ping(): void {
    if (this.#prober === undefined) this.#transport.send(emptyPing);
    else for (const ping of this.#prober.pings()) this.#transport.send(frameMessage(ping));
  }

  /** Whether a message, raw or decoded, is a pong. */
  isPong(value: unknown): boolean {
    return this.#prober === undefined ? value === '' : this.#prober.isPong(value);
  }

  #createProber(found?: PingProberState): PingProber {
    const { codec } = this.encoding;
    const binaryCodec = codec === jsonCodec ? undefined : codec;
    return createPingProber({ protocolVersion: this.#protocolVersion, binaryCodec, ...(found && { found }) });
  }

  #fill(place: ReservedPlace, frame?: Outgoing): void {
    if (this.#place === place) this.#place = undefined;
    place.fill(frame);
  }
}
