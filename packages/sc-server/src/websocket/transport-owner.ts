import type { Traffic } from '../limits/traffic.js';
import type { Backlog } from './backlog.js';
import type { FrameLimit } from './frame-reader.js';
import type { UnfinishedMessages } from './late-messages.js';
import type { Outgoing } from './outgoing.js';
import type { TurnQueue } from './turn-queue.js';

export interface TransportHandlers {
  /** A text or binary message. Hot path. */
  onMessage(message: string | Buffer): void;
  /** A WebSocket ping or pong of the client: no message, but it costs work like one. */
  onControl(): void;
  /** The client broke RFC 6455, or the limit that is named; the closing handshake with this code has begun. */
  onFailure(code: number, message: string, limit: FrameLimit | undefined, messageBytes: number | undefined): void;
  onClose(code: number, reason: string): void;
  /** The client has taken a part of a large frame, behind which it hears no ping. */
  onProgress(): void;
  /** Too many bytes wait for this client, by its own cap or by that of all clients. Never called within `send`. */
  onSlowConsumer(limit: 'pendingBytes' | 'pendingBytesOfAll'): void;
}

/** State shared by all transports of one server. */
export interface TransportHost {
  readonly turn: TurnQueue;
  readonly backlog: Backlog;
  readonly maxPendingBytes: number;
  readonly maxVolatilePendingBytes: number;
  onVolatileDropped(frames: number): void;
  readonly unfinished: UnfinishedMessages;
  readonly traffic: Traffic;
}

/** A place among the frames of one client. Every frame sent after it was reserved leaves after it. */
export interface ReservedPlace {
  /** Sends a frame in this place, or nothing. Only the first call counts. */
  fill(frame?: Outgoing): void;
}
