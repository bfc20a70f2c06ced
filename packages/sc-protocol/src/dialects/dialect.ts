import type { ClientFrame, ServerFrame } from '../frames.js';

/** How an era of clients spells liveness and a farewell. */
export interface Spelling {
  readonly name: DialectName;
  /** The text message that is this dialect's ping, and the one that answers it. */
  readonly ping: string;
  readonly pong: string;
  /** Whether `#disconnect` is said before the WebSocket closes. */
  readonly saysDisconnect: boolean;
}

/**
 * How one era of clients spells frames. Codecs sit below (wire value ↔ bytes), the frame model above. Dialects are
 * never edited once clients in the field speak them, only mapped. What else a server should know of early clients is
 * in `sc-protocol/legacy`.
 */
export interface Dialect extends Spelling {
  /** Wire value → what a client said. Throws `InvalidFrameError` for a reserved frame that breaks the protocol. */
  readonly parseClientFrame: (value: unknown) => ClientFrame;
  /** Wire value → what a server said. Throws `InvalidFrameError` likewise. */
  readonly parseServerFrame: (value: unknown) => ServerFrame;
  /** Frame → wire value. */
  readonly toWire: (frame: ClientFrame | ServerFrame) => unknown;
}

/**
 * `v2` is generation F of the original and the default; `v1` generations D and E; `v0` generation C; `b6` generation
 * B6, in which the server speaks first and tokens live in cookies.
 */
export type DialectName = 'v2' | 'v1' | 'v0' | 'b6';
