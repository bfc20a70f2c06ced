import {
  type AppShape,
  type ClaimsOf,
  type HandshakeStatus,
  InvalidArgumentsError,
  createCallIds,
  hydrateError,
  jsonCodec,
  nameProblem,
  spellings,
} from 'sc-protocol';
import { Emitter, type PublishCallback, type SCChannel, type SubscribeOptions } from 'sc-channel';
import { Auth } from './auth.js';
import { Authenticator } from './authenticator.js';
import type { AuthState } from './auth-state.js';
import type { Connection } from './connection.js';
import { type SocketEvents, type SocketStatus, checkEventName, isSocketEvent } from './events.js';
import { FrameRouter } from './frame-router.js';
import { type AnyHandler, Inbound } from './inbound.js';
import { Lifecycle } from './lifecycle.js';
import { type ClientOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { type FrameOf, Outbound } from './outbound.js';
import type { Platform } from './platform.js';
import type { SocketState } from './socket-state.js';
import { Subscriptions } from './subscriptions.js';
import type {
  AckCallback,
  ChannelData,
  ChannelName,
  EmitArguments,
  EmitOptions,
  EmittedName,
  HandledName,
  HeardName,
  InvokeArguments,
  InvokeOptions,
  Listener,
  ProcedureArgument,
  ProcedureHandler,
  ProcedureName,
  ProcedureResult,
  Respond,
} from './surface.js';
import { defaultTokenStore, tokenStore } from './token-store.js';
import { targetOf } from './url.js';

type AnyListener = (data: unknown, respond: Respond) => void;

/**
 * A lasting socket to a server. It connects, comes back after losses, authenticates, and keeps its channels
 * subscribed. Make one with `connect`.
 */
export class SCClientSocket<App extends AppShape = AppShape> {
  static readonly CONNECTING = 'connecting';
  static readonly OPEN = 'open';
  static readonly CLOSED = 'closed';
  readonly CONNECTING = 'connecting';
  readonly OPEN = 'open';
  readonly CLOSED = 'closed';

  readonly #options: ResolvedOptions;
  readonly #events = new Emitter<SocketEvents>();
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #subscriptions: Subscriptions;
  readonly #auth: Auth;
  readonly #authenticator: Authenticator;
  readonly #lifecycle: Lifecycle;
  readonly #stopWatching: () => void;
  #connection: Connection | undefined;
  #id: string | null = null;

  /** Use `connect` instead: it brings the platform. Throws `InvalidOptionsError`. */
  constructor(options: ClientOptions, platform: Platform) {
    const resolved = resolveOptions(options, platform);
    const target = targetOf(resolved, platform);
    this.#options = resolved;
    const reportError = (error: unknown): void => this.#reportError(error);
    this.#inbound = new Inbound(reportError);
    this.#outbound = new Outbound(resolved, platform, reportError);
    this.#subscriptions = new Subscriptions(platform, {
      isAuthenticated: () => this.#auth.state === 'authenticated',
      publish: (channel, data) => this.#publish(channel, data),
      channelEvent: (event, ...args) => this.#events.emit(event, ...(args as SocketEvents[typeof event])),
      reportError,
    });
    const store = tokenStore(
      resolved.authEngine ?? defaultTokenStore(platform),
      resolved.authTokenName ?? `socketcluster.authToken.${target.host}`,
      platform,
      resolved.auth,
    );
    this.#auth = new Auth(store, platform, {
      emit: (event, ...args) => this.#events.emit(event, ...args),
      authenticated: () => this.#subscriptions.askForPending(true),
      expired: () => void this.#authenticator.expired(),
    });
    this.#authenticator = new Authenticator(this.#auth, resolved.auth, {
      call: (label, frame) => this.#call(label, frame),
      reportError,
    });
    const router = new FrameRouter({
      events: this.#events,
      inbound: this.#inbound,
      subscriptions: this.#subscriptions,
      auth: this.#auth,
      reportError,
    });
    const settings = {
      ...resolved,
      url: target.url,
      spelling: resolved.protocolVersion === 1 ? spellings.v1 : spellings.v2,
      codec: resolved.codecEngine ?? jsonCodec,
    };
    this.#lifecycle = new Lifecycle(settings, platform, {
      nextCallId: createCallIds(),
      loadToken: () => this.#auth.load(),
      message: (data) => this.#events.emit('message', data),
      frame: (frame, connection) => router.route(frame, connection),
      fault: reportError,
      opened: (connection, status, token) => this.#opened(connection, status, token),
      ended: (event, code, reason, error) => {
        this.#connection = undefined;
        this.#id = null;
        this.#authenticator.lost();
        this.#auth.stop();
        this.#outbound.lost();
        this.#subscriptions.lost();
        const more = event === 'connectAbort' && error !== undefined ? [error] : [];
        this.#events.emit(event, ...([code, reason, ...more] as SocketEvents[typeof event]));
        this.#events.emit('close', code, reason);
      },
    });
    const stopStorage = store.watch((token) => void this.#authenticator.storeChanged(token));
    const stopWake = platform.watchWake(() => this.#lifecycle.wake());
    this.#stopWatching = () => {
      stopStorage();
      stopWake();
    };
    if (resolved.autoConnect) this.connect();
  }

  /** The server's id of this socket, or `null` while it is not open. */
  get id(): string | null {
    return this.#id;
  }

  get state(): SocketState {
    return this.#lifecycle.state;
  }

  getState(): SocketState {
    return this.#lifecycle.state;
  }

  get authState(): AuthState {
    return this.#auth.state;
  }

  /** The claims of a valid auth token, or `null`. They were not verified on this side. */
  get authToken(): Readonly<ClaimsOf<App>> | null {
    // What the token claims is for its server to say; the application's interface repeats it.
    return this.#auth.authToken as Readonly<ClaimsOf<App>> | null;
  }

  get signedAuthToken(): string | null {
    return this.#auth.signedAuthToken;
  }

  /** Connects now, if it is closed. */
  connect(): this {
    this.#lifecycle.connect();
    return this;
  }

  /** The same as `connect`. */
  open(): this {
    return this.connect();
  }

  /** Ends the connection and stays away until `connect`. Channels become pending. @param code 1000, or 3000 to 4999 */
  disconnect(code?: number, reason?: string): void {
    this.#lifecycle.disconnect(code, reason);
  }

  /** Ends the connection, if there is one, and connects anew at once. */
  reconnect(code?: number, reason?: string): void {
    this.#lifecycle.reconnect(code, reason);
  }

  /** Ends it for good: channels are destroyed, waiting calls fail with `AbortedError`, listeners are removed. */
  destroy(): void {
    this.#lifecycle.destroy();
    this.#stopWatching();
    this.#auth.stop();
    this.#outbound.clear();
    this.#subscriptions.channels.clear();
    this.#inbound.clear();
    this.#events.removeAllListeners();
  }

  /** Listens to one of the socket's own events, or to an event that the server emits. */
  on<Name extends HeardName<App>>(event: Name, listener: Listener<App, Name>): this {
    this.#emitterOf(event).on(event, listener as AnyListener);
    return this;
  }

  once<Name extends HeardName<App>>(event: Name, listener: Listener<App, Name>): this {
    this.#emitterOf(event).once(event, listener as AnyListener);
    return this;
  }

  /** Removes one listener, or every listener of the event. */
  off<Name extends HeardName<App>>(event: Name, listener?: Listener<App, Name>): this {
    this.#emitterOf(event).off(event, listener as AnyListener | undefined);
    return this;
  }

  /** Answers calls of the server. One handler per procedure; returns what removes it. */
  handle<Name extends HandledName<App>>(procedure: Name, handler: ProcedureHandler<App, Name>): () => void {
    checkEventName(procedure);
    return this.#inbound.handle(procedure, handler as AnyHandler);
  }

  /**
   * Emits an event to the server. With a callback the server must answer within `ackTimeout`. Without one it is
   * sent and forgotten; offline it waits in the outbox, and `ResourceLimitError` is thrown when that is full.
   */
  emit<Name extends EmittedName<App>>(event: Name, ...args: EmitArguments<App, Name>): void;
  emit<Name extends ProcedureName<App>>(
    event: Name,
    data: ProcedureArgument<App, Name>,
    callback: AckCallback<ProcedureResult<App, Name>>,
  ): void;
  emit(event: string, ...args: unknown[]): void {
    checkEventName(event);
    const [data, callback] = args as [data?: unknown, callback?: AckCallback | EmitOptions];
    const frame: FrameOf = (callId) => ({ type: 'event', name: event, data, callId });
    if (typeof callback === 'function') tell(this.#call(`event "${event}"`, frame), callback);
    else this.#outbound.send(frame, callback?.volatile);
  }

  /** Calls a procedure of the server. Rejects with the server's error, or when no answer can come any more. */
  invoke<Name extends ProcedureName<App>>(
    procedure: Name,
    ...[data, options]: InvokeArguments<App, Name>
  ): Promise<ProcedureResult<App, Name>> {
    checkEventName(procedure);
    const frame: FrameOf = (callId) => ({ type: 'event', name: procedure, data, callId });
    const answer = this.#call(`procedure "${procedure}"`, frame, options as InvokeOptions | undefined);
    // What a procedure answers is for its server to keep; the application's interface repeats it.
    return answer as Promise<ProcedureResult<App, Name>>;
  }

  /** The handle of a channel. */
  channel<Name extends ChannelName<App>>(name: Name): SCChannel<ChannelData<App, Name>> {
    return this.#subscriptions.channels.channel(name);
  }

  subscribe<Name extends ChannelName<App>>(name: Name, options?: SubscribeOptions): SCChannel<ChannelData<App, Name>> {
    return this.channel(name).subscribe(options);
  }

  unsubscribe(name: ChannelName<App>): void {
    this.#subscriptions.channels.get(name)?.unsubscribe();
  }

  /** See `SCChannel.publish`. */
  publish<Name extends ChannelName<App>>(
    channel: Name,
    data: ChannelData<App, Name>,
    callback?: PublishCallback,
  ): Promise<unknown> {
    const outcome = this.#publish(channel, data);
    if (callback !== undefined) tell(outcome, callback);
    return outcome;
  }

  watch<Name extends ChannelName<App>>(
    name: Name,
    watcher: (data: ChannelData<App, Name>) => void,
  ): SCChannel<ChannelData<App, Name>> {
    return this.channel(name).watch(watcher);
  }

  unwatch<Name extends ChannelName<App>>(name: Name, watcher?: (data: ChannelData<App, Name>) => void): void {
    this.#subscriptions.channels.get(name)?.unwatch(watcher as AnyHandler | undefined);
  }

  watchers<Name extends ChannelName<App>>(name: Name): ((data: ChannelData<App, Name>) => void)[] {
    return this.#subscriptions.channels.get(name)?.watchers() ?? [];
  }

  subscriptions(includePending?: boolean): string[] {
    return this.#subscriptions.channels.subscriptions(includePending);
  }

  isSubscribed(name: ChannelName<App>, includePending?: boolean): boolean {
    return this.#subscriptions.channels.get(name)?.isSubscribed(includePending) ?? false;
  }

  /** Asks for the pending channels now; only needed with `autoSubscribeOnConnect: false`. */
  processPendingSubscriptions(): void {
    this.#subscriptions.askForPending();
  }

  /** Shows the server a token, for example one that came by HTTP. Resolves when it is valid and stored. */
  authenticate(signedAuthToken: string): Promise<void> {
    return this.#authenticator.authenticate(signedAuthToken);
  }

  /** Forgets the token, here, in the token store, and on the server. Resolves when the store has done so. */
  deauthenticate(): Promise<void> {
    return this.#authenticator.deauthenticate();
  }

  #call(label: string, frame: FrameOf, options: InvokeOptions = {}): Promise<unknown> {
    const { timeoutMs = this.#options.ackTimeout, signal } = options;
    return this.#outbound.call(frame, { label, timeoutMs, signal });
  }

  #publish(channel: string, data: unknown): Promise<unknown> {
    const problem = nameProblem(channel);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    return this.#call(`publish to "${channel}"`, (callId) => ({ type: 'publish', callId, channel, data }));
  }

  #opened(connection: Connection, status: HandshakeStatus, token: string | null): void {
    const { id, isAuthenticated, pingTimeout, authError } = status;
    this.#connection = connection;
    this.#id = id;
    if (isAuthenticated && token !== null) this.#auth.accept(token);
    else this.#auth.reject();
    const known: SocketStatus = { id, isAuthenticated, pingTimeout };
    const shown = authError === undefined ? known : { ...known, authError: hydrateError(authError) };
    this.#authenticator.opened(connection);
    this.#subscriptions.opened(connection);
    this.#events.emit('ready', shown);
    this.#events.emit('connect', shown);
    if (this.#hasLost(connection)) return;
    // Channels come back first; then what waited, and what the listeners have said just now.
    if (this.#options.autoSubscribeOnConnect) this.#subscriptions.askForPending();
    this.#outbound.opened(connection);
    // The server's clock says so; ours has not noticed.
    if (shown.authError?.name === 'AuthTokenExpiredError') void this.#authenticator.expired();
  }

  /** A listener may have ended the connection that it was told of. */
  #hasLost(connection: Connection): boolean {
    return this.#connection !== connection;
  }

  #emitterOf(event: string): Inbound['listeners'] {
    // Which emitter is asked decides which arguments its listeners get; `Listener` says the same to the compiler.
    return isSocketEvent(event) ? this.#events : this.#inbound.listeners;
  }

  #reportError(error: unknown): void {
    this.#events.emit('error', error);
  }
}

function tell(outcome: Promise<unknown>, callback: (error: Error | null, data?: unknown) => void): void {
  outcome.then(
    (answer) => callback(null, answer),
    (error: unknown) => callback(error as Error),
  );
}
