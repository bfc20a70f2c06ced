import type { AppShape } from 'sc-protocol';
import type { SCSocket } from '../socket/sc-socket.js';

/** Events of a server. */
export type ServerEvents<App extends AppShape = AppShape> = {
  /** A client has completed its handshake, or came from a worker that was replaced (`socket.isMoved`). */
  connection: [socket: SCSocket<App>];
  /** A client that was announced by `connection` has gone, or another worker has it: with code 0 and the reason `moved`. */
  disconnection: [socket: SCSocket<App>, code: number, reason: string];
  /** The last socket of a session in this process has gone. */
  sessionEnd: [sessionId: string];
  /**
   * Publications of a channel did not reach this process, and its stream does not hold them: how many, or `undefined` when
   * that is unknown.
   */
  publicationsLost: [channel: string, count: number | undefined];
  /** A client presented a token that is worth nothing. */
  badSocketAuthToken: [socket: SCSocket<App>, error: unknown, signedAuthToken: unknown];
};
