import type { SCSocket } from './socket.js';

export type ServerEvents = {
  /** A client has completed its handshake. */
  connection: [socket: SCSocket];
  /** A client that was announced by `connection` has gone. */
  disconnection: [socket: SCSocket, code: number, reason: string];
  /** The last socket of a session in this process has gone. */
  sessionEnd: [sessionId: string];
  /** A client presented a token that is worth nothing. */
  badSocketAuthToken: [socket: SCSocket, error: unknown, signedAuthToken: unknown];
};
