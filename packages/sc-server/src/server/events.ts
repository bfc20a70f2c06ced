import type { AppShape } from 'sc-protocol';
import type { SCSocket } from '../socket/sc-socket.js';

/** Events of a server. */
export type ServerEvents<App extends AppShape = AppShape> = {
  /** A client has completed its handshake, or was moved from a replaced worker (`socket.isMoved`). */
  connection: [socket: SCSocket<App>];
  /**
   * A client that emitted `connection` has disconnected, or was moved to another worker: with code 0 and the reason
   * `moved`.
   */
  disconnection: [socket: SCSocket<App>, code: number, reason: string];
  /** The last socket of a session in this process has disconnected. */
  sessionEnd: [sessionId: string];
  /**
   * Publications of a channel did not reach this process, and its stream does not contain them. `count` is `undefined`
   * if their number is unknown.
   */
  publicationsLost: [channel: string, count: number | undefined];
  /** A client presented an invalid token. */
  badSocketAuthToken: [socket: SCSocket<App>, error: unknown, signedAuthToken: unknown];
};
