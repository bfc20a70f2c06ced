import type { GapReason, Position, PublicationPosition } from 'sc-protocol';
import type { PastPublication } from './feed-ring.js';

/** Brings publications to the sockets of this process, through the line `publishOut` where that has middleware. */
export interface PublishOutLine {
  /** Whether publications must pass the line; otherwise they may be sent straight. Hot path. */
  readonly isNeeded: boolean;
  /** `except` is the id of a socket that does not get it. Hot path. */
  deliver(
    channel: string,
    payload: Uint8Array,
    isVolatile: boolean,
    position?: PublicationPosition,
    except?: string,
  ): void;
  /** Passes past publications through the line, for one socket. Settles when they have passed; never rejects. */
  deliverPast(socket: object, channel: string, past: readonly PastPublication[]): Promise<void>;
  /** Does something for a socket behind everything that still passes the line for it: now, when there is nothing. */
  afterPending(socket: object, action: () => void): void;
  /** Tells the subscribers that know positions from where the channel goes on, and why if publications are missing. */
  moved(channel: string, position: Position, reason: GapReason | undefined): void;
}
