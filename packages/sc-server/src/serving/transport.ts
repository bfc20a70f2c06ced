import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Flushable, TurnQueue } from './turn-queue.js';

/** Waiting bytes at which a socket is written at once instead of at the turn's end. */
const flushAtBytes = 65_536;
/** How long a closing handshake may take before the connection is cut. */
const closeGraceMs = 2_000;

export interface TransportHandlers {
  onMessage(data: Buffer, isBinary: boolean): void;
  onClose(code: number, reason: string): void;
  /** More than `maxPendingBytes` wait for this client. */
  onSlowConsumer(): void;
}

/**
 * The WebSocket under a socket, and the only place that writes to one. Frames of one loop turn leave in one write:
 * they are put on the stream ready-made, between the whole control frames that `ws` writes itself.
 */
export class Transport implements Flushable {
  readonly #ws: WebSocket;
  readonly #stream: Duplex;
  readonly #turn: TurnQueue;
  readonly #maxPendingBytes: number;
  readonly #handlers: TransportHandlers;
  #frames: Buffer[] | undefined;
  #waitingBytes = 0;
  #isSlow = false;
  #isPaused = false;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(ws: WebSocket, stream: Duplex, turn: TurnQueue, maxPendingBytes: number, handlers: TransportHandlers) {
    this.#ws = ws;
    this.#stream = stream;
    this.#turn = turn;
    this.#maxPendingBytes = maxPendingBytes;
    this.#handlers = handlers;
    ws.on('message', (data, isBinary) => handlers.onMessage(data as Buffer, isBinary));
    ws.on('close', (code, reason) => {
      clearTimeout(this.#graceTimer);
      this.#frames = undefined;
      handlers.onClose(code, reason.toString());
    });
    // ws closes with the right code after an error, and 'close' follows.
    ws.on('error', () => undefined);
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  /** Bytes that have not left this process. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#stream.writableLength;
  }

  /** The subprotocol agreed on, or ''. */
  get subprotocol(): string {
    return this.#ws.protocol;
  }

  /** Hot path. Queues a ready-made frame, or several joined; they leave at the end of the loop turn. */
  send(frame: Buffer): void {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#isSlow) return;
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#turn.add(this);
    } else {
      this.#frames.push(frame);
    }
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes + this.#stream.writableLength > this.#maxPendingBytes) this.#dropSlowConsumer();
    else if (this.#waitingBytes >= flushAtBytes) this.#write();
  }

  flush(): void {
    if (this.#frames === undefined) return;
    this.#write();
    this.#frames = undefined;
  }

  /** Stops reading until {@link resume}: TCP pushes back on the client. */
  pause(): void {
    this.#isPaused = true;
    this.#ws.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#ws.resume();
  }

  /** Sends what is queued, then closes with a code and a reason; cuts the connection when that takes too long. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.flush();
    this.#ws.close(code, limitReason(reason));
    // A paused stream would never see the client's answer.
    this.resume();
    this.#graceTimer = setTimeout(() => this.terminate(), closeGraceMs);
  }

  terminate(): void {
    clearTimeout(this.#graceTimer);
    this.#ws.terminate();
  }

  #write(): void {
    const frames = this.#frames;
    if (frames === undefined || frames.length === 0) return;
    this.#waitingBytes = 0;
    const [only] = frames;
    // The turn queue still holds this transport, so the list stays, emptied.
    this.#frames = [];
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#stream.write(frames.length === 1 && only !== undefined ? only : Buffer.concat(frames));
  }

  #dropSlowConsumer(): void {
    this.#isSlow = true;
    this.#frames = [];
    this.#waitingBytes = 0;
    this.#handlers.onSlowConsumer();
  }
}

/** A close frame holds at most 123 bytes of reason (RFC 6455 §5.5); cut at a whole character. */
function limitReason(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= 123) return reason;
  let end = 123;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
