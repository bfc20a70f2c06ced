import type { ClientFrame, ServerFrame } from '../frames.js';

/** The format of pings and of the announcement of a close in a generation of clients. */
export interface Spelling {
  /** Name of the dialect. */
  readonly name: DialectName;
  /** The text message that is this dialect's ping. */
  readonly ping: string;
  /** A client's answer to a ping. */
  readonly pong: string;
  /** Whether `#disconnect` is sent before the WebSocket closes. */
  readonly saysDisconnect: boolean;
}

/**
 * The wire format of one generation of clients. Codecs are the layer below (wire value ↔ bytes), the frame model is the
 * layer above. A dialect is never edited once released clients use it; new behaviour gets a new dialect.
 * `sc-protocol/legacy` has the other parts that a server needs for early clients.
 */
export interface Dialect extends Spelling {
  /** Wire value → frame of a client. Throws `InvalidFrameError` for a reserved frame that violates the protocol. */
  readonly parseClientFrame: (value: unknown) => ClientFrame;
  /** Wire value → frame of a server. Throws `InvalidFrameError` likewise. */
  readonly parseServerFrame: (value: unknown) => ServerFrame;
  /** Frame → wire value. */
  readonly toWire: (frame: ClientFrame | ServerFrame) => unknown;
}

/**
 * `v2` is generation F of the original and the default; `v1` generations D and E; `v0` generation C; `b6` generation
 * B6, in which the server sends first and tokens are stored in cookies.
 */
export type DialectName = 'v2' | 'v1' | 'v0' | 'b6';
