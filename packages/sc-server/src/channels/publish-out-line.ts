import type { GapReason, Position, PublicationPosition } from 'sc-protocol';
import type { PastPublication } from './feed-ring.js';

/** A publication for one socket. */
export interface SinglePublication {
  readonly channel: string;
  /** JSON. */
  readonly payload: Uint8Array;
  readonly isVolatile: boolean;
  readonly position: PublicationPosition | undefined;
  /** Of the stream, where there is a position. */
  readonly epoch: string;
}

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
  /** Delivers a publication to one socket alone, behind what passes the line for it. Call it only when the line is needed. */
  deliverTo(socket: object, publication: SinglePublication): void;
  /** How many publications pass the line for a socket. */
  waitingFor(socket: object): number;
  /** Passes past publications through the line, for one socket. Settles when they have passed; never rejects. */
  deliverPast(socket: object, channel: string, past: readonly PastPublication[]): Promise<void>;
  /** Does something for a socket behind everything that still passes the line for it: now, when there is nothing. */
  afterPending(socket: object, action: () => void): void;
  /** Tells the subscribers that know positions from where the channel goes on, and why if publications are missing. */
  moved(channel: string, position: Position, reason: GapReason | undefined): void;
}
