import type { Duplex } from 'node:stream';
import { countSent } from '../limits/traffic.js';
import { backlogCheckMs, type Backlogged } from './backlog.js';
import type { Subscriber } from './subscriber.js';
import type { Flushable } from './turn-queue.js';
import { frameClose, type CloseStatus } from './close-frame.js';
import type { FrameLimit, FrameLimits, FrameSink } from './frame-reader.js';
import { framePong, joinOutgoing, outgoingBytes, type Outgoing } from './outgoing.js';
import { SlicedWrites } from './sliced-writes.js';
import { rawHandleOf, takeHandle, type RawHandle } from './raw-handle.js';
import type { ReservedPlace, TransportHandlers, TransportHost } from './transport-owner.js';
import { StreamInput } from './stream-input.js';
import { listenTo, stopListening, type StreamListener } from './upgraded-stream.js';
import { whenDrained } from './when-drained.js';
import { nextWebSocketState, type WebSocketCause, type WebSocketState } from './state.js';

/** Queued bytes at which a socket is flushed at once instead of at the end of the turn. */
const flushAtBytes = 65_536;
/** Milliseconds for the closing handshake before the connection is destroyed. */
const closeTimeoutMs = 2_000;
/** Frames larger than `maxPendingBytes` may queue behind another large frame, up to this multiple of it. */
const largeFactor = 32;
/** A client that receives nothing of a large frame for this many milliseconds has stopped reading. */
const stalledAfterMs = 10_000;
const abnormal: CloseStatus = { code: 1006, reason: '' };

export type { ReservedPlace, TransportHandlers, TransportHost } from './transport-owner.js';

/**
 * The WebSocket of one client on an upgraded stream (RFC 6455), and the only writer to it. All frames of one event-loop
 * turn leave in one write.
 */
export class Transport implements Subscriber, Flushable, Backlogged, FrameSink, StreamListener {
  readonly owner: TransportHandlers;
  readonly #stream: Duplex;
  readonly #host: TransportHost;
  /** The input of the client. */
  readonly input: StreamInput;
  #state: WebSocketState = 'open';
  #frames: Outgoing[] | undefined;
  #waitingBytes = 0;
  /** Set only while a frame larger than `maxPendingBytes` is in flight. */
  #sliced: SlicedWrites | undefined;
  /** Number of reserved places that are not filled; nothing is written meanwhile. */
  #reserved = 0;
  /** Bytes of frames larger than `maxPendingBytes` that are queued behind a reserved place. */
  #heldLargeBytes = 0;
  #isSlow = false;
  #closeTimer: NodeJS.Timeout | undefined;
  /** Content of the client's close frame, once received. */
  #closeStatus: CloseStatus | undefined;

  constructor(stream: Duplex, host: TransportHost, owner: TransportHandlers, limits: FrameLimits) {
    this.#stream = stream;
    this.#host = host;
    this.owner = owner;
    this.input = new StreamInput(stream, this, limits, host.unfinished);
    listenTo(stream, this);
  }

  onChunk(chunk: Buffer): void {
    this.#host.traffic.bytesReceived += chunk.length;
    this.input.push(chunk);
  }

  /** The client has ended its side of the stream, possibly without a close frame. */
  onStreamEnd(): void {
    this.#endConnection('connectionEnded');
  }

  onStreamError(): void {
    this.#stream.destroy();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Bytes that have not left this process. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#stream.writableLength + (this.#sliced?.unwrittenBytes ?? 0);
  }

  get isPaused(): boolean {
    return this.input.isPaused;
  }

  /** Changes the limits for messages that begin from now on. */
  limitTo(limits: FrameLimits): void {
    this.input.limitTo(limits);
  }

  onText(text: string): void {
    this.owner.onMessage(text);
  }

  onBinary(data: Buffer): void {
    this.owner.onMessage(data);
  }

  /** The pong is queued and counted like any frame, so a client that pings but never reads reaches the limit. */
  onPing(data: Buffer): void {
    this.send(framePong(data));
    this.owner.onControl();
  }

  onPong(): void {
    this.owner.onControl();
  }

  onCloseFrame(status: CloseStatus): void {
    this.#closeStatus = status;
    if (this.#state === 'open') this.#writeLast(frameClose(status.code, status.reason));
    this.#endConnection('closeFrame');
  }

  onViolation(code: number, message: string, limit?: FrameLimit, messageBytes?: number): void {
    const wasOpen = this.#state === 'open';
    if (wasOpen) this.#writeLast(frameClose(code, message));
    this.#endConnection('violation');
    if (wasOpen) this.owner.onFailure(code, message, limit, messageBytes);
  }

  /** Hot path. Queues a frame, joined publications, or a text for writing at the end of the event-loop turn. */
  send(frame: Outgoing, publications = 0): void {
    if (this.#state !== 'open' || this.#isSlow) return;
    countSent(this.#host.traffic, publications);
    this.#queue(frame);
  }

  #queue(frame: Outgoing): void {
    const bytes = outgoingBytes(frame);
    if (bytes > this.#host.maxPendingBytes) {
      if (this.#reserved === 0) this.#sendLarge(frame, bytes);
      else this.#holdLarge(frame, bytes);
      return;
    }
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#host.turn.add(this);
    } else {
      this.#frames.push(frame);
    }
    this.#waitingBytes += bytes;
    if (this.#ordinaryBytes() > this.#host.maxPendingBytes) this.#giveUp('pendingBytes');
    else if (this.#waitingBytes >= flushAtBytes) this.#write();
  }

  /**
   * Reserves a place for a frame that is not ready, such as a token being signed. Frames sent later wait for it. The
   * caller must fill every place within a deadline.
   */
  reserve(): ReservedPlace {
    const place = Buffer.alloc(0);
    if (this.#state === 'open' && !this.#isSlow) this.#queue(place);
    this.#reserved += 1;
    let isFilled = false;
    return {
      fill: (frame) => {
        if (isFilled) return;
        isFilled = true;
        this.#fill(place, frame);
      },
    };
  }

  /** Hot path. For the end of a turn: writes at once, unless earlier frames are queued. */
  sendNow(frame: Buffer, publications: number): void {
    if (this.#frames !== undefined) {
      this.send(frame, publications);
      return;
    }
    if (this.#state !== 'open' || this.#isSlow) return;
    countSent(this.#host.traffic, publications);
    const { maxPendingBytes } = this.#host;
    if (frame.length > maxPendingBytes) {
      this.#sendLarge(frame, frame.length);
      return;
    }
    if (this.#ordinaryBytes() + frame.length > maxPendingBytes) {
      this.#giveUp('pendingBytes');
      return;
    }
    this.#put(frame);
  }

  /** Whether this many bytes of volatile frames may be sent now; if not, counts the frames as dropped. */
  takesVolatile(bytes: number, frames: number): boolean {
    const { maxVolatilePendingBytes, maxPendingBytes } = this.#host;
    const { pendingBytes } = this;
    const isBehind = pendingBytes > maxVolatilePendingBytes;
    // Volatile data may be dropped, so it is no reason to close a slow client.
    if (!isBehind && (pendingBytes === 0 || pendingBytes + bytes <= maxPendingBytes)) return true;
    this.#host.onVolatileDropped(frames);
    return false;
  }

  flush(): void {
    if (this.#frames === undefined || this.#reserved > 0) return;
    this.#write();
    this.#frames = undefined;
  }

  onBacklogCheck(): void {
    const sliced = this.#sliced;
    if (sliced !== undefined && sliced.countIdle() * backlogCheckMs >= stalledAfterMs) this.#giveUp('pendingBytes');
  }

  dropAsSlowest(): void {
    this.#giveUp('pendingBytesOfAll');
  }

  /** Runs an action once few bytes are pending for the client; never after the transport has closed. */
  whenDrained(action: () => void): void {
    const isOpen = (): boolean => this.#state === 'open' && !this.#isSlow;
    whenDrained({ stream: this.#stream, isOpen, pendingBytes: () => this.pendingBytes }, action);
  }

  /** Stops reading until {@link resume}, so that TCP applies backpressure to the client. */
  pause(): void {
    if (this.#state === 'open') this.input.pause();
  }

  resume(): void {
    this.input.resume();
  }

  /** Flushes the queue, then closes with a code and a reason. Destroys the connection after a timeout. */
  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#writeLast(frameClose(code, reason));
    this.#advance('sendClose');
    this.#startCloseTimer();
    // A paused stream would never receive the client's close frame.
    this.resume();
  }

  /** Ends the connection without waiting for the client's response, not even to a close frame. */
  end(): void {
    this.#endConnection('connectionEnded');
  }

  terminate(): void {
    this.#stream.destroy();
  }

  /** Whether the transport can hand the connection to another process. */
  get isMovable(): boolean {
    if (this.#state !== 'open' || this.#isSlow || this.#reserved > 0 || this.#stream.readableEnded) return false;
    return rawHandleOf(this.#stream) !== undefined;
  }

  /** Detaches the connection for another process, without closing it; `undefined` while bytes are pending. */
  detach(): RawHandle | undefined {
    this.flush();
    const handle = this.isMovable && this.pendingBytes === 0 ? rawHandleOf(this.#stream) : undefined;
    if (handle === undefined) return undefined;
    this.#advance('move');
    this.#host.backlog.remove(this);
    stopListening(this.#stream);
    takeHandle(this.#stream, handle);
    return handle;
  }

  #fill(place: Outgoing, frame: Outgoing | undefined): void {
    const index = this.#frames?.indexOf(place) ?? -1;
    // The transport was closed, or dropped as a slow consumer, meanwhile.
    if (this.#reserved === 0 || this.#frames === undefined || index === -1) return;
    this.#reserved -= 1;
    if (frame !== undefined) {
      this.#frames[index] = frame;
      this.#waitingBytes += outgoingBytes(frame);
      countSent(this.#host.traffic, 0);
    }
    if (this.#reserved > 0) return;
    // The turn in which the frames were queued may have ended.
    this.#host.turn.add(this);
    if (this.#heldLargeBytes > 0) this.#sendAgain();
  }

  #holdLarge(frame: Outgoing, bytes: number): void {
    const isTooMuch =
      this.#heldLargeBytes > 0 && this.#heldLargeBytes + bytes > this.#host.maxPendingBytes * largeFactor;
    if (isTooMuch) {
      this.#giveUp('pendingBytes');
      return;
    }
    this.#heldLargeBytes += bytes;
    this.#frames?.push(frame);
  }

  /** Queues all frames again, in order, once large frames need no longer wait for a reserved place. */
  #sendAgain(): void {
    const frames = this.#frames ?? [];
    this.#frames = [];
    this.#waitingBytes = 0;
    this.#heldLargeBytes = 0;
    for (const frame of frames) if (frame.length > 0 && !this.#isSlow) this.#queue(frame);
  }

  #write(): void {
    const frames = this.#frames;
    if (frames === undefined || frames.length === 0 || this.#reserved > 0) return;
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    const [only] = frames;
    // The turn queue still holds this transport, so keep an empty list.
    this.#frames = [];
    if (this.#state !== 'open') return;
    // A single buffer, such as one shared by many sockets, is written without copying.
    this.#put(frames.length === 1 && typeof only === 'object' ? only : joinOutgoing(frames, bytes));
  }

  /** Hot path. Writes the bytes, after any slices in progress. */
  #put(bytes: Buffer): void {
    this.#host.traffic.bytesSent += bytes.length;
    if (this.#sliced === undefined) this.#stream.write(bytes);
    else this.#sliced.push(bytes, false);
    if (this.#stream.writableLength > 0) this.#host.backlog.add(this);
  }

  /** Queued bytes, except frames larger than the limit. */
  #ordinaryBytes(): number {
    const pending = this.#waitingBytes + this.#stream.writableLength;
    const sliced = this.#sliced;
    return sliced === undefined ? pending : pending + sliced.unwrittenBytes - sliced.largeBytes;
  }

  /** Writes a large frame in slices: a large frame alone does not make a client a slow consumer. */
  #sendLarge(frame: Outgoing, bytes: number): void {
    const { maxPendingBytes, traffic, backlog } = this.#host;
    const onItsWay = this.#sliced?.largeBytes ?? 0;
    if (onItsWay > 0 && onItsWay + bytes > maxPendingBytes * largeFactor) {
      this.#giveUp('pendingBytes');
      return;
    }
    this.#write();
    this.#sliced ??= new SlicedWrites(this.#stream, () => this.#onProgress());
    traffic.bytesSent += bytes;
    this.#sliced.push(typeof frame === 'string' ? joinOutgoing([frame], bytes) : frame, true);
    backlog.add(this);
  }

  #onProgress(): void {
    if (this.#sliced?.isEmpty === true) this.#sliced = undefined;
    if (this.#state === 'open') this.owner.onProgress();
  }

  /** Flushes the queue, then writes a close frame. */
  #writeLast(closeFrame: Buffer): void {
    // Reserved frames that are not ready are no longer sent.
    this.#reserved = 0;
    if (this.#heldLargeBytes > 0) this.#sendAgain();
    this.flush();
    this.#sliced?.release();
    this.#host.traffic.bytesSent += closeFrame.length;
    this.#stream.write(closeFrame);
  }

  #giveUp(limit: 'pendingBytes' | 'pendingBytesOfAll'): void {
    if (this.#isSlow) return;
    this.#isSlow = true;
    this.#frames = [];
    this.#waitingBytes = 0;
    this.#reserved = 0;
    this.#heldLargeBytes = 0;
    // Deferred, because a fan-out may be in progress.
    process.nextTick(() => this.owner.onSlowConsumer(limit));
  }

  #endConnection(cause: 'closeFrame' | 'violation' | 'connectionEnded'): void {
    if (!this.#advance(cause)) return;
    this.#stream.end();
    this.#startCloseTimer();
    // A reset could overtake the close frame.
    this.input.discard();
  }

  #startCloseTimer(): void {
    this.#closeTimer ??= setTimeout(() => this.#stream.destroy(), closeTimeoutMs);
  }

  onStreamClose(): void {
    clearTimeout(this.#closeTimer);
    if (!this.#advance('connectionClosed')) return;
    this.input.stop();
    this.#frames = undefined;
    this.#sliced = undefined;
    this.#waitingBytes = 0;
    this.#host.backlog.remove(this);
    const { code, reason } = this.#closeStatus ?? abnormal;
    this.owner.onClose(code, reason);
  }

  #advance(cause: WebSocketCause): boolean {
    const next = nextWebSocketState(this.#state, cause);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}
