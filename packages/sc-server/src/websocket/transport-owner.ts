import type { Traffic } from '../limits/traffic.js';
import type { Backlog } from './backlog.js';
import type { FrameLimit } from './frame-reader.js';
import type { UnfinishedMessages } from './late-messages.js';
import type { Outgoing } from './outgoing.js';
import type { TurnQueue } from './turn-queue.js';

export interface TransportHandlers {
  /** Called for a text or binary message. Hot path. */
  onMessage(message: string | Buffer): void;
  /** Called for a WebSocket ping or pong of the client: not a message, but counted like one. */
  onControl(): void;
  /** The client violated RFC 6455 or the given limit. The closing handshake with this code has begun. */
  onFailure(code: number, message: string, limit: FrameLimit | undefined, messageBytes: number | undefined): void;
  onClose(code: number, reason: string): void;
  /** The client has received part of a large frame. Counts as activity, because pings are queued behind that frame. */
  onProgress(): void;
  /** Too many bytes are pending, by the limit of this client or that of all clients. Never called within `send`. */
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

/** A reserved place in the send queue of one client. Frames sent after the reservation are written after it. */
export interface ReservedPlace {
  /** Sends a frame in this place, or releases the place without one. Only the first call counts. */
  fill(frame?: Outgoing): void;
}
