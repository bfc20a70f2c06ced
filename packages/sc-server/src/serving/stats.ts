import type { LimitName } from './limit-hits.js';

/** What one server has at the moment, and what happened since it was made. */
export interface ServerStats {
  /** Clients from their `connection` to their `disconnection`. */
  readonly clients: number;
  /** WebSockets whose handshake is not done yet. */
  readonly connecting: number;
  /** Channels that have subscribers in this process. */
  readonly channels: number;
  /** Whether new connections are refused because the process is too busy. */
  readonly overloaded: boolean;
  /** How often clients ran into each limit. */
  readonly limitHits: Readonly<Record<LimitName, number>>;
}
