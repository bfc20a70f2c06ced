import type { GapReason, Position, PublicationPosition } from 'sc-protocol';
import type { PastPublication } from './feed-ring.js';

/** A publication for one socket. */
export interface SinglePublication {
  readonly channel: string;
  /** JSON. */
  readonly payload: Uint8Array;
  readonly isVolatile: boolean;
  readonly position: PublicationPosition | undefined;
  /** Epoch of the stream, if there is a position. */
  readonly epoch: string;
}

/** Delivers publications to the sockets of this process, through the line `publishOut` if it has middleware. */
export interface PublishOutLine {
  /** Whether publications must pass the line; otherwise they may be sent directly. Hot path. */
  readonly isNeeded: boolean;
  /** Delivers a publication to all local subscribers. `except` is the id of a socket to skip. Hot path. */
  deliver(
    channel: string,
    payload: Uint8Array,
    isVolatile: boolean,
    position?: PublicationPosition,
    except?: string,
  ): void;
  /** Delivers a publication to one socket, after its pending deliveries. Call it only when `isNeeded`. */
  deliverTo(socket: object, publication: SinglePublication): void;
  /** Number of pending deliveries of a socket. */
  waitingFor(socket: object): number;
  /** Delivers past publications to one socket through the line. Settles when all are delivered; never rejects. */
  deliverPast(socket: object, channel: string, past: readonly PastPublication[]): Promise<void>;
  /** Runs an action after the pending deliveries of a socket; immediately if there are none. */
  afterPending(socket: object, action: () => void): void;
  /**
   * Notifies subscribers with the feature `position` of the channel's new position, and of the reason if publications
   * are missing.
   */
  moved(channel: string, position: Position, reason: GapReason | undefined): void;
}
