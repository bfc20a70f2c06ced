import { type AppShape, type CallId, type ClaimsOf, type Codec, isRetryable, jsonCodec } from 'sc-protocol';
import { eventFrame, historyFrame, publishFrame } from 'sc-protocol/client';
import {
  Emitter,
  type PublishCallback,
  type SCChannel,
  type SubscribeOptions,
  type Watcher,
  throwLater,
  withCallback,
} from 'sc-channel';
import { Auth } from './auth.js';
import type { AuthState } from './auth-state.js';
import type { Connection } from './connection.js';
import { type SocketEvents, type SocketStatus, isSocketEvent } from './events.js';
import { routeFrame } from './frame-router.js';
import { Inbound, type AnyHandler } from './inbound.js';
import { historyPage } from './history-page.js';
import { Lifecycle } from './lifecycle.js';
import { type ClientOptions, type OptionChecks, type ResolvedOptions, resolveOptions } from './options.js';
import { Outbound } from './outbound.js';
import type { Platform } from './platform.js';
import { Publisher } from './publisher.js';
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

/** State shared by all parts of one socket. */
interface Core extends ResolvedOptions {
  readonly platform: Platform;
  readonly url: string;
  readonly codec: Codec;
  readonly events: Emitter<SocketEvents>;
  /** The open connection. */
  connection: Connection | undefined;
  readonly nextCallId: () => CallId;
  readonly publisherId: string;
  readonly reportError: (error: unknown) => void;
}

/**
 * A persistent socket to a server. It connects, reconnects after losses, authenticates, and keeps its channels
 * subscribed. Create one with `connect`.
 */
export class SCClientSocket<App extends AppShape = AppShape> {
  /** State of a socket that is connecting. */
  static readonly CONNECTING = 'connecting';
  /** State of a connected socket. */
  static readonly OPEN = 'open';
  /** State of a socket without a connection. */
  static readonly CLOSED = 'closed';
  /** As the static constant. */
  readonly CONNECTING = 'connecting';
  /** As the static constant. */
  readonly OPEN = 'open';
  /** As the static constant. */
  readonly CLOSED = 'closed';

  readonly #core: Core;
  readonly #checks: OptionChecks | undefined;
  /** A retryable error, such as a lost connection, must not end a process that has no `error` listener. */
  readonly #events = new Emitter<SocketEvents>((error) => {
    if (!isRetryable(error)) throwLater(error);
  });
  readonly #publisher: Publisher;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #subscriptions: Subscriptions;
  readonly #auth: Auth;
  readonly #lifecycle: Lifecycle;
  readonly #stopWatching: () => void;
  #id: string | null = null;

  /** Use `connect` instead, which supplies the platform. Throws what the checks throw. */
  constructor(options: ClientOptions, platform: Platform, checks?: OptionChecks) {
    this.#checks = checks;
    checks?.connect(options);
    const resolved = resolveOptions(options);
    const { url, host } = targetOf(resolved, platform);
    const events = this.#events;
    let lastCallId = 0;
    const publisher = (this.#publisher = new Publisher(() => platform.random()));
    const core = (this.#core = {
      ...resolved,
      platform,
      url,
      codec: resolved.codecEngine ?? jsonCodec,
      events,
      connection: undefined,
      nextCallId: () => ++lastCallId,
      publisherId: publisher.id,
      reportError: (error) => void events.emit('error', error),
    });
    const inbound = (this.#inbound = new Inbound(core.reportError));
    const outbound = (this.#outbound = new Outbound(core));
    const subscriptions = (this.#subscriptions = new Subscriptions(core, {
      optionChecks: checks?.channels,
      carrier: { inbound, outbound },
      authVersion: () => auth.version,
      isAuthenticated: () => auth.state === 'authenticated',
      publish: (channel, data) => this.#publish(channel, data),
      history: async (channel, options) => {
        const frame = (callId: number): object => historyFrame({ channel, ...options }, callId);
        const label = `the history of "${channel}"`;
        return historyPage(await outbound.call({ label, timeoutMs: core.ackTimeout, frame }));
      },
      channelEvent: (event, ...args) => events.emit(event, ...(args as SocketEvents[typeof event])),
    }));
    const store = tokenStore(
      resolved.authEngine ?? defaultTokenStore(platform),
      resolved.authTokenName ?? `socketcluster.authToken.${host}`,
    );
    const auth: Auth = (this.#auth = new Auth(store, core, {
      call: (settings) => outbound.call(settings),
      authenticated: () => subscriptions.askForPending(true),
      loggedOut: () => subscriptions.loggedOut(),
    }));
    const targets = { events, inbound, subscriptions, auth };
    this.#lifecycle = new Lifecycle(core, {
      loadToken: () => auth.load(),
      message: (data) => events.emit('message', data),
      frame: (frame, connection) => routeFrame(frame, connection, targets),
      opened: (connection, status, token) => this.#opened(connection, status, token),
      ended: (event, code, reason, error) => {
        core.connection = undefined;
        this.#id = null;
        auth.stop();
        outbound.lost();
        subscriptions.lost();
        const more = error === undefined ? [] : [error];
        events.emit(event, ...([code, reason, ...more] as SocketEvents[typeof event]));
        events.emit('close', code, reason);
      },
    });
    const stopStorage = store.watch(() => void auth.storeChanged());
    const stopWake = platform.watchWake(() => this.#lifecycle.wake());
    this.#stopWatching = () => {
      stopStorage?.();
      stopWake();
    };
    if (resolved.autoConnect) this.connect();
  }

  /** The server's id of this socket, or `null` while it is not open. */
  get id(): string | null {
    return this.#id;
  }

  /** Current state. */
  get state(): SocketState {
    return this.#lifecycle.state;
  }

  /** Returns `state`, as in the original. */
  getState(): SocketState {
    return this.#lifecycle.state;
  }

  /** Whether the server has accepted an auth token. */
  get authState(): AuthState {
    return this.#auth.state;
  }

  /** The claims of a valid auth token, or `null`. Not verified on the client. */
  get authToken(): Readonly<ClaimsOf<App>> | null {
    // The claims are not validated; the application's interface declares their type.
    return this.#auth.authToken as Readonly<ClaimsOf<App>> | null;
  }

  /** The signed auth token, if the client holds one. */
  get signedAuthToken(): string | null {
    return this.#auth.signedAuthToken;
  }

  /** Connects now if the socket is closed. */
  connect(): this {
    this.#lifecycle.connect();
    return this;
  }

  /** Alias of `connect`. */
  open(): this {
    return this.connect();
  }

  /**
   * Closes the connection and does not reconnect until `connect`. Channels become pending.
   * @param code 1000, or 3000 to 4999
   */
  disconnect(code?: number, reason?: string): void {
    this.#lifecycle.disconnect(code, reason);
  }

  /** Closes the connection, if there is one, and reconnects immediately. */
  reconnect(code?: number, reason?: string): void {
    this.#lifecycle.reconnect(code, reason);
  }

  /** Destroys the socket: channels are destroyed, pending calls fail with `AbortedError`, listeners are removed. */
  destroy(): void {
    this.#lifecycle.destroy();
    this.#stopWatching();
    this.#auth.stop();
    this.#subscriptions.stop();
    this.#outbound.destroy();
    this.#subscriptions.channels.clear();
    this.#inbound.clear();
    // Failures of work in progress, such as a slow token store, must not end a process that has discarded the socket.
    this.#events.removeAllListeners().on('error', () => undefined);
  }

  /** Adds a listener for one of the socket's own events, or for an event that the server emits. */
  on<Name extends HeardName<App>>(event: Name, listener: Listener<App, Name>): this {
    this.#emitterOf(event).on(event, listener as AnyListener);
    return this;
  }

  /** Adds a listener that is removed after its first call. */
  once<Name extends HeardName<App>>(event: Name, listener: Listener<App, Name>): this {
    this.#emitterOf(event).once(event, listener as AnyListener);
    return this;
  }

  /** Removes one listener, or all listeners of the event. */
  off<Name extends HeardName<App>>(event: Name, listener?: Listener<App, Name>): this {
    this.#emitterOf(event).off(event, listener as AnyListener | undefined);
    return this;
  }

  /**
   * Handles the server's calls of a procedure. Each procedure has at most one handler. Returns a function that removes
   * it.
   */
  handle<Name extends HandledName<App>>(procedure: Name, handler: ProcedureHandler<App, Name>): () => void {
    this.#checks?.eventName(procedure);
    return this.#inbound.handle(procedure, handler as AnyHandler);
  }

  /**
   * Emits an event to the server. With a callback, the server must answer within `ackTimeout`. Without one, the event
   * is fire-and-forget. While offline it is queued in the outbox; throws `ResourceLimitError` when the outbox is full.
   */
  emit<Name extends EmittedName<App>>(event: Name, ...args: EmitArguments<App, Name>): void;
  /** Calls a procedure; the callback receives the response. */
  emit<Name extends ProcedureName<App>>(
    event: Name,
    data: ProcedureArgument<App, Name>,
    callback: AckCallback<ProcedureResult<App, Name>>,
  ): void;
  emit(event: string, ...args: unknown[]): void {
    this.#checks?.eventName(event);
    const [data, callback] = args as [data?: unknown, callback?: AckCallback | EmitOptions];
    if (typeof callback === 'function') void withCallback(this.#call(event, data), callback);
    else this.#outbound.send(event, data, callback?.volatile);
  }

  /** Calls a procedure of the server. Rejects with the server's error, or when a response is no longer possible. */
  invoke<Name extends ProcedureName<App>>(
    procedure: Name,
    ...[data, options]: InvokeArguments<App, Name>
  ): Promise<ProcedureResult<App, Name>> {
    this.#checks?.eventName(procedure);
    const answer = this.#call(procedure, data, options as InvokeOptions | undefined);
    // The response is not validated; the application's interface declares its type.
    return answer as Promise<ProcedureResult<App, Name>>;
  }

  /** Creates a handle of a channel, with its own watchers and its own subscription request; see `SCChannel`. */
  channel<Name extends ChannelName<App>>(name: Name): SCChannel<ChannelData<App, Name>> {
    return this.#subscriptions.channels.channel(name);
  }

  /**
   * Subscribes for the socket as a whole. Returns the same handle each time, until `unsubscribe` of the handle or of
   * the socket.
   */
  subscribe<Name extends ChannelName<App>>(name: Name, options?: SubscribeOptions): SCChannel<ChannelData<App, Name>> {
    return this.#subscriptions.channels.common<ChannelData<App, Name>>(name).subscribe(options);
  }

  /** Ends the subscription for every handle of the channel. */
  unsubscribe(name: ChannelName<App>): void {
    this.#subscriptions.channels.get(name)?.unsubscribe();
  }

  /** See `SCChannel.publish`. */
  publish<Name extends ChannelName<App>>(
    channel: Name,
    data: ChannelData<App, Name>,
    callback?: PublishCallback,
  ): Promise<unknown> {
    return withCallback(this.#publish(channel, data), callback);
  }

  /** Attaches a handler to the publications of a channel, without subscribing. */
  watch<Name extends ChannelName<App>>(
    name: Name,
    watcher: Watcher<ChannelData<App, Name>>,
  ): SCChannel<ChannelData<App, Name>> {
    return this.#subscriptions.channels.common<ChannelData<App, Name>>(name).watch(watcher);
  }

  /** Detaches a handler, or all handlers of a channel. */
  unwatch<Name extends ChannelName<App>>(name: Name, watcher?: Watcher<ChannelData<App, Name>>): void {
    this.#subscriptions.channels.get(name)?.unwatch(watcher as Watcher<unknown> | undefined);
  }

  /** The handlers attached to a channel. */
  watchers<Name extends ChannelName<App>>(name: Name): Watcher<ChannelData<App, Name>>[] {
    return this.#subscriptions.channels.get(name)?.watchers() ?? [];
  }

  /** Names of the subscribed channels; with `includePending`, also of pending ones. */
  subscriptions(includePending?: boolean): string[] {
    return this.#subscriptions.channels.subscriptions(includePending);
  }

  /** Whether a channel is subscribed; with `includePending`, also whether it is pending. */
  isSubscribed(name: ChannelName<App>, includePending?: boolean): boolean {
    return this.#subscriptions.channels.get(name)?.isSubscribed(includePending) ?? false;
  }

  /** Subscribes the pending channels now; only needed with `autoSubscribeOnConnect: false`. */
  processPendingSubscriptions(): void {
    this.#subscriptions.askForPending();
  }

  /** Sends a token to the server, for example one received over HTTP. Resolves when it is valid and stored. */
  authenticate(signedAuthToken: string): Promise<void> {
    return this.#auth.authenticate(signedAuthToken);
  }

  /** Removes the token from this socket, the token store and the server. Resolves when the store has removed it. */
  deauthenticate(): Promise<void> {
    return this.#auth.deauthenticate();
  }

  #call(event: string, data: unknown, options: InvokeOptions = {}): Promise<unknown> {
    const { timeoutMs = this.#core.ackTimeout, signal } = options;
    const frame = (callId: number): object => eventFrame(event, data, callId);
    return this.#outbound.call({ label: `"${event}"`, timeoutMs, signal, frame });
  }

  #publish(channel: string, data: unknown): Promise<unknown> {
    this.#checks?.channels.name(channel);
    const seq = this.#publisher.next(channel);
    const frame = (callId: number): object => publishFrame(channel, data, callId, { seq });
    const label = `publish to "${channel}"`;
    return this.#outbound.call({ label, timeoutMs: this.#core.ackTimeout, frame, isRepeatable: true });
  }

  #opened(connection: Connection, status: SocketStatus, token: string | null): void {
    this.#core.connection = connection;
    this.#id = status.id;
    // A listener may close this connection; no further event of it may follow its `close`.
    const isOpen = (): boolean => this.#core.connection === connection;
    this.#auth.opened(status, token);
    if (isOpen()) this.#events.emit('ready', status);
    if (isOpen()) this.#events.emit('connect', status);
    // Resubscribe the channels first, then send the outbox and the messages of the listeners.
    if (isOpen() && this.#core.autoSubscribeOnConnect) this.#subscriptions.askForPending();
    if (isOpen()) this.#outbound.opened(connection);
  }

  #emitterOf(event: string): Inbound['listeners'] {
    if (!isSocketEvent(event)) this.#checks?.eventName(event);
    // The emitter determines the arguments of its listeners, which `Listener` declares to the compiler.
    return isSocketEvent(event) ? this.#events : this.#inbound.listeners;
  }
}
