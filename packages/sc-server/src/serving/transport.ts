import type { Duplex } from 'node:stream';
import { closeCodes } from 'sc-protocol';
import type { Backlog, Backlogged } from './backlog.js';
import type { OwnedWebSocket, WebSocketOwner } from './owned-websocket.js';
import type { Flushable, TurnQueue } from './turn-queue.js';
import { framePong, joinOutgoing, outgoingBytes, type Outgoing } from './websocket-frame.js';

/** Waiting bytes at which a socket is written at once instead of at the turn's end. */
const flushAtBytes = 65_536;

export interface TransportHandlers {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** A WebSocket ping or pong of the client: no message, but it costs work like one. */
  onControl(): void;
  /** The client broke RFC 6455 or a limit; the closing handshake with this code has begun. */
  onFailure(code: number, error: Error): void;
  onClose(code: number, reason: string): void;
  /** Too many bytes wait for this client, by its own cap or by that of all clients. Never called within `send`. */
  onSlowConsumer(limit: 'pendingBytes' | 'pendingBytesOfAll'): void;
}

/** What all transports of one server share. */
export interface TransportHost {
  readonly turn: TurnQueue;
  readonly backlog: Backlog;
  readonly maxPendingBytes: number;
}

/**
 * The WebSocket under a socket, and the only place that writes to one. Frames of one loop turn leave in one write:
 * they are put on the stream ready-made, between the whole control frames that `ws` writes itself.
 */
export class Transport implements Flushable, Backlogged, WebSocketOwner {
  readonly #ws: OwnedWebSocket;
  readonly #stream: Duplex;
  readonly #host: TransportHost;
  readonly #handlers: TransportHandlers;
  #frames: Outgoing[] | undefined;
  #waitingBytes = 0;
  #isSlow = false;
  #isPaused = false;

  constructor(ws: OwnedWebSocket, stream: Duplex, host: TransportHost, handlers: TransportHandlers) {
    this.#ws = ws;
    this.#stream = stream;
    this.#host = host;
    this.#handlers = handlers;
    ws.setOwner(this);
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    this.#handlers.onMessage(data, isBinary);
  }

  /** Answered here and not by ws, so that a client that pings and never reads meets the cap like any other. */
  onPing(data: Buffer): void {
    this.send(framePong(data));
    this.#handlers.onControl();
  }

  onPong(): void {
    this.#handlers.onControl();
  }

  onError(error: Error): void {
    this.#handlers.onFailure(closeCodeOf(error), error);
  }

  onClose(code: number, reason: Buffer): void {
    this.#frames = undefined;
    this.#host.backlog.remove(this);
    this.#handlers.onClose(code, reason.toString());
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

  /** Hot path. Queues a frame, several joined, or a text; they leave at the end of the loop turn. */
  send(frame: Outgoing): void {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#isSlow) return;
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#host.turn.add(this);
    } else {
      this.#frames.push(frame);
    }
    const before = this.#waitingBytes + this.#stream.writableLength;
    const bytes = outgoingBytes(frame);
    this.#waitingBytes += bytes;
    // A client for whom nothing waits is not slow, however large the frame.
    if (before > 0 && before + bytes > this.#host.maxPendingBytes) this.#giveUp('pendingBytes');
    else if (this.#waitingBytes >= flushAtBytes) this.#write();
  }

  /** Hot path. For the end of a turn: writes at once, unless something waits that has to go first. */
  sendNow(frame: Buffer): void {
    if (this.#frames !== undefined) {
      this.send(frame);
      return;
    }
    if (this.#ws.readyState !== this.#ws.OPEN || this.#isSlow) return;
    const before = this.#stream.writableLength;
    if (before > 0 && before + frame.length > this.#host.maxPendingBytes) {
      this.#giveUp('pendingBytes');
      return;
    }
    this.#stream.write(frame);
    if (this.#stream.writableLength > 0) this.#host.backlog.add(this);
  }

  flush(): void {
    if (this.#frames === undefined) return;
    this.#write();
    this.#frames = undefined;
  }

  dropAsSlowest(): void {
    this.#giveUp('pendingBytesOfAll');
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

  /** Sends what is queued, then closes with a code and a reason. `ws` cuts the connection when that takes too long. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.flush();
    this.#ws.close(code, limitReason(reason));
    // A paused stream would never see the client's answer.
    this.resume();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #write(): void {
    const frames = this.#frames;
    if (frames === undefined || frames.length === 0) return;
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    const [only] = frames;
    // The turn queue still holds this transport, so the list stays, emptied.
    this.#frames = [];
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    // A frame that goes to many is written as it is.
    this.#stream.write(frames.length === 1 && typeof only === 'object' ? only : joinOutgoing(frames, bytes));
    if (this.#stream.writableLength > 0) this.#host.backlog.add(this);
  }

  #giveUp(limit: 'pendingBytes' | 'pendingBytesOfAll'): void {
    if (this.#isSlow) return;
    this.#isSlow = true;
    this.#frames = [];
    this.#waitingBytes = 0;
    // Later, because a fan-out to many is under way.
    process.nextTick(() => this.#handlers.onSlowConsumer(limit));
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

/** The code that `ws` closes with after this error. */
function closeCodeOf(error: Error): number {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return closeCodes.policyViolation;
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
      return closeCodes.tooBig;
    case 'WS_ERR_INVALID_UTF8':
      return closeCodes.invalidData;
    default:
      return typeof code === 'string' && code.startsWith('WS_ERR_')
        ? closeCodes.webSocketProtocolError
        : closeCodes.hungUp;
  }
}
