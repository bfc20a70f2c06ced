import type { IncomingMessage } from 'node:http';
import type { AuthToken } from './auth/tokens.js';
import type { SCSocket } from './socket.js';

/** The named points at which an application may look at, change or refuse what clients do. */
export type MiddlewareLine = 'handshake' | 'authenticate' | 'event' | 'subscribe' | 'publishIn' | 'publishOut';

export interface HandshakeContext {
  readonly line: 'handshake';
  readonly request: IncomingMessage;
}

export interface AuthenticateContext {
  readonly line: 'authenticate';
  readonly socket: SCSocket;
  readonly authToken: AuthToken;
  readonly signedAuthToken: string;
}

export interface EventContext {
  readonly line: 'event';
  readonly socket: SCSocket;
  readonly event: string;
  data: unknown;
}

export interface SubscribeContext {
  readonly line: 'subscribe';
  readonly socket: SCSocket;
  readonly channel: string;
  readonly waitForAuth: boolean;
  /** What the client sent along with its wish to subscribe. */
  readonly data: unknown;
}

export interface PublishInContext {
  readonly line: 'publishIn';
  readonly socket: SCSocket;
  readonly channel: string;
  data: unknown;
  /** Goes back to the publisher with the ack when set. */
  ackData: unknown;
}

export interface PublishOutContext {
  readonly line: 'publishOut';
  readonly socket: SCSocket;
  readonly channel: string;
  data: unknown;
}

export interface MiddlewareContexts {
  handshake: HandshakeContext;
  authenticate: AuthenticateContext;
  event: EventContext;
  subscribe: SubscribeContext;
  publishIn: PublishInContext;
  publishOut: PublishOutContext;
}

/** Without an argument: allow. With one: refuse for that reason. Only the first call counts. */
export type Next = (reason?: unknown) => void;

/** One argument: return to allow, throw to refuse. */
export type ContextMiddleware<Line extends MiddlewareLine> = (context: MiddlewareContexts[Line]) => unknown;

/** Two arguments, as in later versions of the original. */
export type RequestMiddleware<Line extends MiddlewareLine> = (
  req: Line extends 'handshake' ? IncomingMessage : MiddlewareContexts[Line],
  next: Next,
) => unknown;

/** As many arguments as the line always had in the first versions of the original. */
export interface PositionalMiddleware {
  handshake: (req: IncomingMessage, next: Next) => unknown;
  authenticate: (socket: SCSocket, authToken: AuthToken, next: Next) => unknown;
  event: (socket: SCSocket, event: string, data: unknown, next: Next) => unknown;
  subscribe: (socket: SCSocket, channel: string, next: Next) => unknown;
  publishIn: (socket: SCSocket, channel: string, data: unknown, next: Next) => unknown;
  publishOut: (socket: SCSocket, channel: string, data: unknown, next: Next) => unknown;
}

/** The forms are told apart by how many parameters the function has. */
export type Middleware<Line extends MiddlewareLine> =
  ContextMiddleware<Line> | RequestMiddleware<Line> | PositionalMiddleware[Line];
