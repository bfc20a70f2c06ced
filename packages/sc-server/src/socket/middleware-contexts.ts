import type { IncomingMessage } from 'node:http';
import type { AppShape, Position, Rewind } from 'sc-protocol';
import type { AuthToken } from '../auth/tokens.js';
import type { SCSocket } from './sc-socket.js';

/** The named points at which an application can inspect, change or refuse client actions. */
export type MiddlewareLine = 'handshake' | 'authenticate' | 'event' | 'subscribe' | 'publishIn' | 'publishOut';

/** Context of the line `handshake`. */
export interface HandshakeContext {
  /** Name of the line. */
  readonly line: 'handshake';
  /** The upgrade request. */
  readonly request: IncomingMessage;
}

/** Context of the line `authenticate`. */
export interface AuthenticateContext<App extends AppShape = AppShape> {
  /** Name of the line. */
  readonly line: 'authenticate';
  /** The socket that presented the token. */
  readonly socket: SCSocket<App>;
  /** The verified claims. */
  readonly authToken: AuthToken<App>;
  /** The signed auth token. */
  readonly signedAuthToken: string;
}

/** Context of the line `event`. */
export interface EventContext<App extends AppShape = AppShape> {
  /** Name of the line. */
  readonly line: 'event';
  /** The socket that sent the event. */
  readonly socket: SCSocket<App>;
  /** Name of the event or procedure. */
  readonly event: string;
  /** Data of the event; may be replaced. */
  data: unknown;
}

/** Context of the line `subscribe`. */
export interface SubscribeContext<App extends AppShape = AppShape> {
  /** Name of the line. */
  readonly line: 'subscribe';
  /** The subscribing socket. */
  readonly socket: SCSocket<App>;
  /** Name of the channel. */
  readonly channel: string;
  /** Whether the subscription needs a valid auth token. */
  readonly waitForAuth: boolean;
  /** Data that the client sent with its subscribe request. */
  readonly data: unknown;
  /** The position from which the client recovers missed publications; delete it to withhold them. */
  since?: Position | undefined;
  /** The range of past publications that a client without a position requests; delete it to withhold them. */
  rewind?: Rewind | undefined;
  /** Whether the client's user is to become a member of the channel; delete it to subscribe the client without that. */
  join?: boolean | undefined;
  /**
   * Data that other members see besides the member's name, as sent by the client. Set it to override the client's
   * value.
   */
  info?: unknown;
  /** Whether the client requests the members of the channel or their number; delete it to withhold them. */
  members?: true | 'count' | undefined;
  /** Set when a subscribed client reads the channel's history. */
  readonly history?: HistoryQuery | undefined;
}

/** A client's read of a channel's history. */
export interface HistoryQuery {
  readonly since?: Position;
  readonly before?: Position;
  readonly limit: number;
}

/** Context of the line `publishIn`. */
export interface PublishInContext<App extends AppShape = AppShape> {
  /** Name of the line. */
  readonly line: 'publishIn';
  /** The publishing socket. */
  readonly socket: SCSocket<App>;
  /** Name of the channel. */
  readonly channel: string;
  /** The published data; may be replaced. */
  data: unknown;
  /** Data to return to the publisher in the ack. */
  ackData: unknown;
  /** Whether the publication may be dropped for subscribers that are behind. */
  volatile: boolean;
}

/** Context of the line `publishOut`. */
export interface PublishOutContext<App extends AppShape = AppShape> {
  /** Name of the line. */
  readonly line: 'publishOut';
  /** The receiving socket. */
  readonly socket: SCSocket<App>;
  /** Name of the channel. */
  readonly channel: string;
  /** The published data; may be replaced for this socket. */
  data: unknown;
}

/** The context of each middleware line. */
export interface MiddlewareContexts<App extends AppShape = AppShape> {
  /** Before a WebSocket is accepted. */
  handshake: HandshakeContext;
  /** Before a valid token is set on the socket. */
  authenticate: AuthenticateContext<App>;
  /** Before a handler receives an event or a call. */
  event: EventContext<App>;
  /** Before a client subscribes; once per channel. */
  subscribe: SubscribeContext<App>;
  /** Before a client's publication is sent to the store. */
  publishIn: PublishInContext<App>;
  /** Before one subscriber receives a publication. */
  publishOut: PublishOutContext<App>;
}

/** Allows when called without an argument; refuses with the given reason otherwise. Only the first call counts. */
export type Next = (reason?: unknown) => void;

/** One argument: return to allow, throw to refuse. */
export type ContextMiddleware<Line extends MiddlewareLine, App extends AppShape = AppShape> = (
  context: MiddlewareContexts<App>[Line],
) => unknown;

/** Two arguments, as in later versions of the original. */
export type RequestMiddleware<Line extends MiddlewareLine, App extends AppShape = AppShape> = (
  req: Line extends 'handshake' ? IncomingMessage : MiddlewareContexts<App>[Line],
  next: Next,
) => unknown;

/** The line's positional arguments, as in the first versions of the original. */
export interface PositionalMiddleware<App extends AppShape = AppShape> {
  /** Arguments of the line `handshake`. */
  handshake: (req: IncomingMessage, next: Next) => unknown;
  /** Arguments of the line `authenticate`. */
  authenticate: (socket: SCSocket<App>, authToken: AuthToken<App>, next: Next) => unknown;
  /** Arguments of the line `event`. */
  event: (socket: SCSocket<App>, event: string, data: unknown, next: Next) => unknown;
  /** Arguments of the line `subscribe`. */
  subscribe: (socket: SCSocket<App>, channel: string, next: Next) => unknown;
  /** Arguments of the line `publishIn`. */
  publishIn: (socket: SCSocket<App>, channel: string, data: unknown, next: Next) => unknown;
  /** Arguments of the line `publishOut`. */
  publishOut: (socket: SCSocket<App>, channel: string, data: unknown, next: Next) => unknown;
}

/**
 * Infers parameter types for function expressions with the parameter count of `Form`. TypeScript types a function
 * expression contextually by one overload only: of several signatures it uses the one with enough parameters, and none
 * if two have enough and differ in their type parameters. `Fewer` is the overload that accepts the function.
 */
type Lends<Form, Fewer> = Form & Fewer;
type OneParameter = <Any>(first: Any) => unknown;
type TwoParameters = <Any>(first: Any, second: Any) => unknown;

/** The forms of the line `handshake`. Accepts the first and infers parameters for the second. */
export type HandshakeForms = ContextMiddleware<'handshake'> | Lends<RequestMiddleware<'handshake'>, OneParameter>;

/** The forms of the other lines. Accepts the first two and infers parameters for the third. */
export type MiddlewareForms<Line extends MiddlewareLine, App extends AppShape = AppShape> =
  RequestMiddleware<Line, App> | Lends<PositionalMiddleware<App>[Line], TwoParameters>;

/** A middleware function in any form. The forms are distinguished by the number of parameters. */
export type Middleware<Line extends MiddlewareLine, App extends AppShape = AppShape> =
  ContextMiddleware<Line, App> | RequestMiddleware<Line, App> | PositionalMiddleware<App>[Line];
