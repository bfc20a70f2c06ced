import type { IncomingMessage } from 'node:http';
import { Emitter } from 'sc-channel';
import {
  InvalidActionError,
  InvalidArgumentsError,
  closeCodes,
  encodingError,
  type AppShape,
  type CallId,
  type ClaimsOf,
  type ServerFrame,
  type SubscribeRequest,
} from 'sc-protocol';
import type { Exchange } from '../channels/exchange.js';
import type { AuthToken } from '../auth/tokens.js';
import type { SignOptions } from '../auth/sign-options.js';
import { Dispatcher, type AnyHandler, type AnyProcedure, type DispatcherOwner } from './dispatcher.js';
import { abortedError, guardedEnd, lostError, sendCall, type CallEnd, type OutboundCalls } from './outbound-calls.js';
import { canBeSent } from '../websocket/close-code.js';
import { quiet, withCallback, type DoneCallback } from '../kit/quiet.js';
import type { SessionOf } from '../sessions/session.js';
import { checkEventName, checkHeard, checkTimeout, orderRequest, type OrderOptions } from './check-arguments.js';
import { checkKept } from './kept.js';
import { isLifecycleEvent, type SocketEvents } from './events.js';
import type { SocketState } from './state.js';
import type {
  AckCallback,
  CallContextOf,
  CalledArgument,
  CalledName,
  CalledResult,
  ChannelName,
  EmitArguments,
  EmitOptions,
  EmittedName,
  EventHandler,
  HeardName,
  InvokeArguments,
  ProcedureName,
  ProcedureHandlerOf,
} from '../app-types.js';

/** Listener types are enforced by the public signatures. */
type AnyListener = (...args: unknown[]) => void;

/** The call that a procedure serves. */
export type CallContext<App extends AppShape = AppShape> = CallContextOf<SCSocket<App>>;

/** Serves a procedure. */
export type ProcedureHandler<App extends AppShape = AppShape, Name = string> = ProcedureHandlerOf<
  App,
  Name,
  CallContext<App>
>;

/** One visitor's session, shared by all sockets and requests of the browser. */
export type Session<App extends AppShape = AppShape> = SessionOf<App, SCSocket<App>>;

/** The part of the socket's internals that the application's object uses. */
export interface SocketInside extends DispatcherOwner {
  readonly request: IncomingMessage;
  readonly remoteAddress: string | undefined;
  readonly authToken: AuthToken | undefined;
  readonly isMoved: boolean;
  kept: string | undefined;
  readonly calls: OutboundCalls;
  readonly identity: {
    issue(claims: object, options?: SignOptions): Promise<void>;
    remove(isToldToClient: boolean): void;
  };
  readonly subscriptions:
    | {
        active(): string[];
        isActive(channel: string): boolean;
        kickOut(channel: string | undefined, message: string): void;
      }
    | undefined;
  readonly ownSubscriptions: { order(request: SubscribeRequest): Promise<void> };
  readonly transport: { readonly pendingBytes: number; terminate(): void };
  readonly writer: DispatcherOwner['writer'] & { sendVolatile(frame: ServerFrame): void; sendText(text: string): void };
  readonly parts: DispatcherOwner['parts'] & {
    readonly options: { readonly ackTimeout: number };
    readonly channels: { readonly exchange: Exchange };
    readonly sessions: { ofSocket(core: SocketInside): SessionOf<AppShape, SCSocket> | undefined } | undefined;
  };
  expireAuthToken(): void;
  close(code: number, reason?: string): void;
}

/** The application's view of one client. Passed to `connection` listeners once the handshake is done. */
export class SCSocket<App extends AppShape = AppShape> {
  /** State before the handshake is complete. */
  static readonly CONNECTING = 'connecting';
  /** State of an open socket. */
  static readonly OPEN = 'open';
  /** State of a closed socket. */
  static readonly CLOSED = 'closed';
  readonly #core: SocketInside;
  #events: Emitter<SocketEvents> | undefined;
  #dispatcher: Dispatcher | undefined;
  #session: Session<App> | undefined;

  /** @internal */
  constructor(core: SocketInside) {
    this.#core = core;
  }

  /** Unique id of 120 random bits. */
  get id(): string {
    return this.#core.id;
  }

  /**
   * Whether the socket moved here from another worker during a reload. The client was not disconnected: it keeps its
   * connection, its subscriptions and its token.
   */
  get isMoved(): boolean {
    return this.#core.isMoved;
  }

  /** The last value passed to `keep`, in this process or in one that the socket moved from. */
  get kept(): unknown {
    const { kept } = this.#core;
    return kept === undefined ? undefined : (JSON.parse(kept) as unknown);
  }

  /**
   * Stores a value that moves with the socket during a reload, as JSON of at most 16 KiB. Replaces the previous value.
   * Throws `InvalidArgumentsError` if the value is too large or not JSON.
   */
  keep(value: unknown): void {
    this.#core.kept = value === undefined ? undefined : checkKept(value);
  }

  /** Current state. */
  get state(): SocketState {
    return this.#core.state;
  }

  /** Returns `state`, as in the original. */
  getState(): SocketState {
    return this.#core.state;
  }

  /** The upgrade request. */
  get request(): IncomingMessage {
    return this.#core.request;
  }

  /** The client's address; behind proxies, as forwarded by trusted ones (see `trustProxy`). */
  get remoteAddress(): string | undefined {
    return this.#core.remoteAddress;
  }

  /** The same as `scServer.exchange`: channels and shared data of the whole cluster. */
  get exchange(): Exchange<App> {
    const { exchange } = this.#core.parts.channels;
    return exchange as unknown as Exchange<App>;
  }

  /** The name of `exchange` in SocketCluster 1 and 2. */
  get global(): Exchange<App> {
    return this.exchange;
  }

  /** The visitor's session; `undefined` unless the server's option `sessions` is on. */
  get session(): Session<App> | undefined {
    // The event types of sessions are declared by the application's interface.
    return (this.#session ??= this.#core.parts.sessions?.ofSocket(this.#core) as Session<App> | undefined);
  }

  /** The claims of the client's auth token while it is valid, else `null`. */
  get authToken(): AuthToken<App> | null {
    return this.getAuthToken();
  }

  /** Returns `authToken`, as in the original. */
  getAuthToken(): AuthToken<App> | null {
    this.#core.expireAuthToken();
    // The claims are not checked against the application's interface; the signer is responsible for them.
    return (this.#core.authToken as AuthToken<App> | undefined) ?? null;
  }

  /** Bytes queued for this client. */
  get pendingBytes(): number {
    return this.#core.transport.pendingBytes;
  }

  /**
   * Listens to a lifecycle event (see `SocketEvents`), or handles an event of the client: `(data, respond)`, where
   * `respond(error, data)` answers a call. If a handler throws or rejects, the call is answered with the error.
   */
  on<Name extends HeardName<App>>(event: Name, handler: EventHandler<App, Name>): this {
    if (isLifecycleEvent(event)) this.#lifecycle().on(event, handler as AnyListener);
    else this.#dispatch().addHandler(checkHeard(event), handler as AnyHandler);
    return this;
  }

  /** Adds a handler that is removed after its first call. */
  once<Name extends HeardName<App>>(event: Name, handler: EventHandler<App, Name>): this {
    if (isLifecycleEvent(event)) this.#lifecycle().once(event, handler as AnyListener);
    else this.#dispatch().addHandler(checkHeard(event), handler as AnyHandler, true);
    return this;
  }

  /** Removes one listener or handler, or all of an event. */
  off<Name extends HeardName<App>>(event: Name, handler?: EventHandler<App, Name>): this {
    if (isLifecycleEvent(event)) this.#events?.off(event, handler as AnyListener | undefined);
    else this.#dispatcher?.removeHandler(event, handler as AnyHandler | undefined);
    return this;
  }

  /** Serves a procedure: the function's return value is the response. Each name has one function. */
  handle<Name extends ProcedureName<App>>(procedure: Name, handler: ProcedureHandler<App, Name>): this {
    this.#dispatch().setProcedure(checkHeard(procedure), handler as unknown as AnyProcedure);
    return this;
  }

  /**
   * Sends an event, or with a callback a call: the callback receives the response or an error. Throws
   * `InvalidArgumentsError` if the data cannot be encoded. With `{ volatile: true }` it may be dropped while the client
   * is behind.
   */
  emit<Name extends EmittedName<App>>(event: Name, ...args: EmitArguments<App, Name>): void;
  /** Calls a procedure of the client; the callback receives the response. */
  emit<Name extends CalledName<App>>(
    event: Name,
    data: CalledArgument<App, Name>,
    callback: AckCallback<CalledResult<App, Name>>,
  ): void;
  emit(event: string, ...args: unknown[]): void {
    checkEventName(event);
    const core = this.#core;
    const [data, callback] = args as [data?: unknown, callback?: AckCallback | EmitOptions];
    if (typeof callback !== 'function') {
      const frame: ServerFrame = { type: 'event', name: event, data, callId: undefined };
      try {
        if (callback?.volatile === true) core.writer.sendVolatile(frame);
        else core.writer.sendFrame(frame);
      } catch (cause) {
        throw encodingError(`"${event}"`, cause);
      }
      return;
    }
    const end = guardedEnd(callback, (error) =>
      core.parts.logger.error(`The callback of "${event}" failed`, { error, socketId: core.id }),
    );
    sendCall(core, event, data, { timeoutMs: core.parts.options.ackTimeout, end });
  }

  /**
   * Calls a procedure of the client. Rejects with the client's error, `TimeoutError`, `AbortedError` or
   * `BadConnectionError`.
   */
  async invoke<Name extends CalledName<App>>(
    procedure: Name,
    ...args: InvokeArguments<App, Name>
  ): Promise<CalledResult<App, Name>> {
    checkEventName(procedure);
    const [data, { timeoutMs, signal } = {}] = args as unknown as InvokeArguments<AppShape, string>;
    if (signal?.aborted) throw abortedError(`"${procedure}"`, signal);
    return new Promise((resolve, reject) => {
      // The client's response is not validated: its type is declared by the application's interface.
      const end: CallEnd = (error, answer) =>
        error === null ? resolve(answer as CalledResult<App, Name>) : reject(error);
      const limitMs = checkTimeout(timeoutMs ?? this.#core.parts.options.ackTimeout);
      sendCall(this.#core, procedure, data, { timeoutMs: limitMs, signal, end });
    });
  }

  /** Sends raw text that is not a protocol frame. */
  send(text: string): void {
    this.#core.writer.sendText(text);
  }

  /**
   * Sets a token with these claims on the socket at once, signs it, and sends it ahead of anything sent after this
   * call. Settles when the client has stored it. Rejects with `AuthTokenError` if it cannot be signed (the socket is
   * then closed with 4002), and with `TimeoutError` if the client does not acknowledge it. The promise may be ignored.
   */
  setAuthToken(claims: ClaimsOf<App>, options?: SignOptions | DoneCallback, callback?: DoneCallback): Promise<void> {
    const done = typeof options === 'function' ? options : callback;
    const signing = typeof options === 'function' ? undefined : options;
    return this.#whenDone(this.#core.identity.issue(claims, signing), done);
  }

  /** Removes the auth token from this socket and from the client. */
  removeAuthToken(callback?: DoneCallback): void {
    this.#core.identity.remove(true);
    if (callback !== undefined) void this.#whenDone(Promise.resolve(), callback);
  }

  /** The channels that this client is subscribed to. */
  subscriptions(): string[] {
    return this.#core.subscriptions?.active() ?? [];
  }

  /** Whether the client is subscribed to a channel. */
  isSubscribed(channel: string): boolean {
    return this.#core.subscriptions?.isActive(channel) === true;
  }

  /**
   * Subscribes the client without running the middleware line `subscribe`. Resolves when the subscription is active and
   * the client was notified. It lasts until the connection ends, `kickOut`, `unsubscribe` by either end, or, with
   * `waitForAuth`, the loss of the token. Rejects with `InvalidActionError` for clients without the feature `position`,
   * unless they requested the channel. The promise may be ignored.
   */
  subscribe(channel: ChannelName<App>, options: OrderOptions = {}): Promise<void> {
    const request = orderRequest(channel, options);
    const { state } = this.#core;
    if (state === 'open') return quiet(this.#core.ownSubscriptions.order(request));
    const reason =
      state === 'closed'
        ? lostError(`subscribe to "${channel}"`, closeCodes.hungUp)
        : new InvalidActionError('A socket can be subscribed after its handshake, from `connection` on');
    return quiet(Promise.reject(reason));
  }

  /** Ends the client's subscription to a channel, whichever end made it. The client does not resubscribe by itself. */
  unsubscribe(channel: ChannelName<App>): void {
    this.#core.subscriptions?.kickOut(channel, '');
  }

  /** Ends the client's subscription to one channel, or to all channels. The client does not resubscribe by itself. */
  kickOut(channel?: string, message = '', callback?: DoneCallback): void {
    this.#core.subscriptions?.kickOut(channel, message);
    if (callback !== undefined) void this.#whenDone(Promise.resolve(), callback);
  }

  /** Closes the socket with a code (1000 to 4999) and a reason. The client reconnects unless the code forbids it. */
  disconnect(code: number = closeCodes.normal, reason?: string): void {
    if (!canBeSent(code)) {
      throw new InvalidArgumentsError(
        `A close code must be 1000 to 1014 (not 1004 to 1006) or 3000 to 4999, got ${String(code)}`,
      );
    }
    this.#core.close(code, reason);
  }

  /** Terminates the connection without a closing handshake. */
  terminate(): void {
    this.#core.transport.terminate();
  }

  /** @internal */
  announce<Name extends keyof SocketEvents>(event: Name, ...args: SocketEvents[Name]): void {
    this.#events?.emit(event, ...args);
  }

  /** @internal Hot path: rarely has a listener. */
  announceMessage(message: string | Uint8Array): void {
    this.#events?.emit('message', message);
  }

  /** @internal Stops as soon as a listener has changed the identity again. */
  announceIdentity(old: AuthToken | undefined, token: AuthToken | undefined, isCurrent: () => boolean): void {
    if (token !== undefined) this.announce('authenticate', token);
    else if (old !== undefined) this.announce('deauthenticate', old);
    if ((token === undefined) === (old === undefined) || !isCurrent()) return;
    const [oldState, newState] =
      token === undefined
        ? (['authenticated', 'unauthenticated'] as const)
        : (['unauthenticated', 'authenticated'] as const);
    this.announce('authStateChange', { oldState, newState, authToken: token ?? null });
  }

  /** @internal */
  dispatch(event: string, data: unknown, callId: CallId | undefined): void {
    this.#dispatch().dispatch(event, data, callId);
  }

  /** @internal Answers the calls in flight with an error. */
  failCalls(error: Error): void {
    this.#dispatcher?.failCalls(error);
  }

  /** @internal */
  endCalls(): void {
    this.#dispatcher?.abortCalls();
  }

  /** Also passes the outcome to the callback; the promise may be ignored. */
  #whenDone(promise: Promise<void>, callback: DoneCallback | undefined): Promise<void> {
    return withCallback(promise, callback, (error) =>
      this.#core.parts.logger.error('A callback failed', { error, socketId: this.id }),
    );
  }

  #lifecycle(): Emitter<SocketEvents> {
    const { logger } = this.#core.parts;
    return (this.#events ??= new Emitter<SocketEvents>((error) => {
      logger.error('A listener of a socket failed', { error, socketId: this.id });
    }));
  }

  #dispatch(): Dispatcher {
    return (this.#dispatcher ??= new Dispatcher(this.#core));
  }
}
