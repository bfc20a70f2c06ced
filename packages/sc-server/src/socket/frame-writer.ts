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

/** Knowledge of a client's dialect: settled, or as far as its pings have told it. */
export interface SavedDialect {
  readonly isB6: boolean;
  readonly found: PingProberState | undefined;
}

/** Writes frames to one client, in the dialect that it speaks and the codec that it agreed on, in their order. */
export class FrameWriter {
  readonly encoding: Encoding;
  readonly #transport: FrameSender;
  readonly #protocolVersion: 1 | 2 | 'auto';
  readonly #turn: TurnQueue;
  /** Where the next frame goes instead of behind those that were sent before it. */
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

  /** The client is of generation B6: its dialect is known without asking. */
  speakB6(authCookieName: string): void {
    this.#prober = createPingProber({ dialect: createB6Dialect(authCookieName) });
  }

  /** For the process that goes on with the client. */
  save(): SavedDialect {
    return { isB6: this.dialect.name === 'b6', found: this.#prober?.save() };
  }

  /** Goes on from what another process knew. */
  restore({ isB6, found }: SavedDialect, authCookieName: string): void {
    if (isB6) this.speakB6(authCookieName);
    else if (found !== undefined) this.#prober = this.#createProber(found);
  }

  /** Finds out, or begins to find out, which dialect the client speaks. */
  settleDialect(frame: HandshakeFrame): void {
    // A client that announces itself speaks the newest dialect; nothing has to be found out.
    if (frame.client !== undefined || frame.features.length > 0 || this.#protocolVersion === 2) return;
    this.#prober = this.#createProber();
  }

  /** Whether the dialect is still being found out by pings. */
  get isProbing(): boolean {
    return this.#prober !== undefined;
  }

  /** Hot path. Sends a ready frame, or a number of publications that are joined. */
  send(frame: Outgoing, publications = 0): void {
    this.#transport.send(frame, publications);
  }

  /** Throws what the codec throws for data that it cannot encode. */
  sendFrame(frame: ServerFrame): void {
    const encoded = this.encode(frame);
    if (this.#place === undefined) this.#transport.send(encoded, frame.type === 'publication' ? 1 : 0);
    else this.#fill(this.#place, encoded);
  }

  /** The same for a frame that may be dropped: it is, and counted, while too much waits for this client. */
  sendVolatile(frame: ServerFrame): void {
    const encoded = this.encode(frame);
    if (!this.#transport.takesVolatile(outgoingBytes(encoded), 1)) return;
    this.#transport.send(encoded, frame.type === 'publication' ? 1 : 0);
  }

  /** Several frames as one array; only for a client that asked for it. */
  encodeBatch(frames: readonly ServerFrame[]): Outgoing {
    return this.encoding.batch(frames, this.dialect);
  }

  /** Sends a ready WebSocket text message that is no frame of the protocol. */
  sendText(text: string): void {
    this.#transport.send(text);
  }

  encode(frame: ServerFrame): Outgoing {
    return this.encoding.frame(frame, this.dialect);
  }

  /** Keeps a place for a frame that is not ready yet; later frames wait for it. */
  reserve(): ReservedPlace {
    return this.#transport.reserve();
  }

  /** Does something of which `answer` tells the client; the answer leaves before whatever was sent meanwhile. */
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

  /** Sends an answer together with the others of this loop turn. `error` is in wire form; `undefined` means success. */
  addAck(callId: CallId, error: unknown, data?: unknown): void {
    this.#ackBatch ??= new AckBatch(this, this.#turn);
    this.#ackBatch.add(callId, error, data);
  }

  ping(): void {
    if (this.#prober === undefined) this.#transport.send(emptyPing);
    else for (const ping of this.#prober.pings()) this.#transport.send(frameMessage(ping));
  }

  /** Whether a message, as it came or decoded, answers a ping. */
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
