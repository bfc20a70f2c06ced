import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Store } from 'ndata-store';
import { Emitter } from 'sc-channel';
import { closeCodes, type AppShape, type Codec } from 'sc-protocol';
import type { ClaimsOf, DataArgument, DataOf, ServerEventsOf } from 'sc-protocol';
import type { Exchange } from '../channels/exchange.js';
import { Orders } from '../channels/orders.js';
import { createOwnStore } from '../channels/own-store.js';
import { ChannelDelivery } from '../channels/channel-delivery.js';
import { createLogger } from '../log/create-logger.js';
import { limitLog } from '../log/limit-log.js';
import { checkAuthKeys, withoutAuthKeys, type AuthKeys } from '../auth/auth-keys.js';
import { KeyAuthority, engineAuthority, type AuthToken } from '../auth/tokens.js';
import type { AuthEngine } from '../auth/options.js';
import type { SignOptions } from '../auth/sign-options.js';
import { ConnectionListeners } from './connection-listeners.js';
import { UserOrders } from '../socket/user-orders.js';
import { SubscriberLists, type ChannelSubscriber } from '../socket/subscriber-lists.js';
import type { ChannelName, EmittedName } from '../app-types.js';
import { warnRandomAuthKey } from '../auth/keys.js';
import { createClientAddress } from '../http/client-address.js';
import { checkDrainTime, closeSpread } from './close-spread.js';
import { checkCodec, checkOfferedCodec } from '../channels/codec-choice.js';
import { HttpConnections, requireHttpServer } from './http-connections.js';
import { tokenOfRequest } from '../auth/request-token.js';
import { bodyLimitsOf, httpSettings, nodeHttpOptions, refuseHttpOptions } from './http-timeouts.js';
import { createLoadMonitor, type LoadMonitor } from '../limits/load-monitor.js';
import type {
  HandshakeForms,
  Middleware,
  MiddlewareForms,
  MiddlewareLine,
  PositionalMiddleware,
  RequestMiddleware,
} from '../socket/middleware-contexts.js';
import { resolveServerOptions, withoutSecrets } from './options.js';
import type { ResolvedServerOptions, SCServerOptions, SecretOption } from './options.js';
import type { ServerEvents } from './events.js';
import type { SocketCore, SocketOwner } from '../socket/socket-core.js';
import { Sockets } from './sockets.js';
import { handleFrame } from '../handlers/index.js';
import { createServerParts, stopServerParts, upgradeParts } from './create-parts.js';
import type { ServerParts } from './parts.js';
import type { SCSocket } from '../socket/sc-socket.js';
import { statsOf, type ServerStats } from '../limits/stats.js';
import type { MetricsFormat } from '../metrics/exposition.js';
import type { ServerInside } from './inside.js';
import { ServerMetrics } from '../metrics/server-metrics.js';
import { serveUpgrades, type Upgrades } from '../http/upgrade.js';
import { UpgradeRouter } from '../http/upgrade-router.js';

type EventName<App extends AppShape> = keyof ServerEvents<App>;
type ServerListener<App extends AppShape, Name extends EventName<App>> = (...args: ServerEvents<App>[Name]) => unknown;

/**
 * Serves sockets on an HTTP server of this process. The application handles HTTP. `App` declares the names and data of
 * the application (see `AppShape`).
 */
export class SCServer<App extends AppShape = AppShape> extends Emitter<ServerEvents<App>> {
  /** Name of the line `handshake`. */
  static readonly MIDDLEWARE_HANDSHAKE = 'handshake';
  /** Name of the line `authenticate`. */
  static readonly MIDDLEWARE_AUTHENTICATE = 'authenticate';
  /** Name of the line `event`. */
  static readonly MIDDLEWARE_EVENT = 'event';
  /** Name of the line `event`. */
  static readonly MIDDLEWARE_EMIT = 'event';
  /** Name of the line `subscribe`. */
  static readonly MIDDLEWARE_SUBSCRIBE = 'subscribe';
  /** Name of the line `publishIn`. */
  static readonly MIDDLEWARE_PUBLISH = 'publishIn';
  /** Name of the line `publishIn`. */
  static readonly MIDDLEWARE_PUBLISH_IN = 'publishIn';
  /** Name of the line `publishOut`. */
  static readonly MIDDLEWARE_PUBLISH_OUT = 'publishOut';
  /** Name of the line `handshake`. */
  readonly MIDDLEWARE_HANDSHAKE = SCServer.MIDDLEWARE_HANDSHAKE;
  /** Name of the line `authenticate`. */
  readonly MIDDLEWARE_AUTHENTICATE = SCServer.MIDDLEWARE_AUTHENTICATE;
  /** Name of the line `event`. */
  readonly MIDDLEWARE_EVENT = SCServer.MIDDLEWARE_EVENT;
  /** Name of the line `event`. */
  readonly MIDDLEWARE_EMIT = SCServer.MIDDLEWARE_EMIT;
  /** Name of the line `subscribe`. */
  readonly MIDDLEWARE_SUBSCRIBE = SCServer.MIDDLEWARE_SUBSCRIBE;
  /** Name of the line `publishIn`. */
  readonly MIDDLEWARE_PUBLISH = SCServer.MIDDLEWARE_PUBLISH;
  /** Name of the line `publishIn`. */
  readonly MIDDLEWARE_PUBLISH_IN = SCServer.MIDDLEWARE_PUBLISH_IN;
  /** Name of the line `publishOut`. */
  readonly MIDDLEWARE_PUBLISH_OUT = SCServer.MIDDLEWARE_PUBLISH_OUT;

  /** The HTTP server on which the sockets are served. */
  readonly httpServer: HttpServer;
  /** Publishes and subscribes across all workers, and holds shared data. */
  readonly exchange: Exchange<App>;
  /** The clients of this process by socket id, between their `connection` and `disconnection` events. */
  readonly clients: Readonly<Record<string, SCSocket<App>>>;
  readonly #options: ResolvedServerOptions;
  readonly #clients: Record<string, SCSocket<App>>;
  /** @internal */
  readonly sockets: Sockets;
  readonly #delivery: ChannelDelivery;
  readonly #userOrders: UserOrders;
  readonly #subscriberLists: SubscriberLists;
  readonly #parts: ServerParts;
  readonly #store: Store;
  readonly #http: HttpConnections;
  readonly #ownsStore: boolean;
  readonly #upgrades: Upgrades;
  readonly #listeners: ConnectionListeners;
  readonly #loadMonitor: LoadMonitor | undefined;
  readonly #metrics = new ServerMetrics(() => ({ counters: this.#parts.counters, stats: this.stats() }));
  #clientsCount = 0;
  #closing: Promise<void> | undefined;
  /** Serves sockets on an existing HTTP server. Without a store, channels are local. Throws `InvalidOptionsError`. */
  static attach<App extends AppShape = AppShape>(httpServer: HttpServer, options: SCServerOptions = {}): SCServer<App> {
    refuseHttpOptions(options);
    return new SCServer<App>(httpServer, options);
  }

  /**
   * Listens on a port (0 for any free one) with a new HTTP server. Rejects with `InvalidOptionsError` or `StartError`.
   */
  static async listen<App extends AppShape = AppShape>(
    port: number,
    options: SCServerOptions & { readonly host?: string } = {},
  ): Promise<SCServer<App>> {
    const { host, ...rest } = options;
    const settings = httpSettings(resolveServerOptions(rest));
    const http = HttpConnections.create(createServer(nodeHttpOptions(settings)), bodyLimitsOf(settings));
    const scServer = new SCServer<App>(http.server, rest);
    try {
      await http.listen({ port, host });
      return scServer;
    } catch (error) {
      await scServer.close();
      throw error;
    }
  }

  private constructor(httpServer: HttpServer, options: SCServerOptions) {
    const resolved = resolveServerOptions(options);
    const logger = limitLog(options.logger ?? createLogger());
    super((error) => logger.error('A listener of the server failed', { error }));
    requireHttpServer(httpServer);
    UpgradeRouter.of(httpServer).check(resolved.path);
    this.#listeners = new ConnectionListeners(resolved.middlewareTimeout, logger);
    this.httpServer = httpServer;
    this.#http = HttpConnections.of(httpServer);
    this.#options = resolved;
    this.clients = this.#clients = Object.create(null) as Record<string, SCSocket<App>>;
    this.#ownsStore = resolved.store === undefined;
    this.#store = resolved.store ?? createOwnStore(logger, resolved.channels);
    this.#loadMonitor = createLoadMonitor(resolved, logger);
    this.#delivery = new ChannelDelivery(this.#store, logger);
    const orders = new Orders(this.#store, logger);
    this.#parts = createServerParts({
      options: resolved,
      logger,
      store: this.#store,
      delivery: this.#delivery,
      orders,
      onSessionEnd: (sessionId) => this.emit('sessionEnd', sessionId),
    });
    const { auth, channels, clientLog, sessions } = this.#parts;
    const { exchange, fanOut, publishOut } = channels;
    this.exchange = exchange as unknown as Exchange<App>;
    this.#userOrders = new UserOrders(orders, auth.users);
    this.#subscriberLists = new SubscriberLists({ store: this.#store, orders, fanOut, users: auth.users });
    this.#delivery.connect({
      publishOut,
      exchange,
      onLost: (channel, count) => this.emit('publicationsLost', channel, count),
    });
    const owner: SocketOwner = {
      handleFrame,
      opened: (core) => this.#onOpened(core),
      closed: (core, code, reason) => this.#onClosed(core, code, reason),
      badToken: (core, error, signedToken) => this.emit('badSocketAuthToken', socketOf<App>(core), error, signedToken),
    };
    this.sockets = new Sockets(this.#parts, owner);
    const clientAddress = createClientAddress(resolved.trustProxy);
    this.#upgrades = serveUpgrades({
      ...upgradeParts(this.#parts, httpServer),
      isOverloaded: () => this.#loadMonitor?.isOverloaded === true,
      accept: (stream, request, subprotocol) =>
        this.sockets.add({ request, remoteAddress: clientAddress(request), stream, subprotocol }),
      onRefused: (request, refusal) => clientLog.upgradeRefused(request, clientAddress(request), refusal),
    });
    sessions?.serve(httpServer);
    if (resolved.hasRandomAuthKey) warnRandomAuthKey(logger);
  }

  /** Adds a listener. */
  override on<Name extends EventName<App>>(event: Name, listener: ServerListener<App, Name>): this {
    return super.on(event, this.#listeners.wrap(event, listener));
  }

  /** Adds a listener that is removed after its first call. */
  override once<Name extends EventName<App>>(event: Name, listener: ServerListener<App, Name>): this {
    return super.once(event, this.#listeners.wrap(event, listener));
  }

  /** Removes a listener, or all listeners of an event. */
  override off<Name extends EventName<App>>(event: Name, listener?: ServerListener<App, Name>): this {
    return super.off(event, listener && this.#listeners.wrap(event, listener));
  }

  /** Alias of `exchange`, its original name. */
  get global(): Exchange<App> {
    return this.exchange;
  }

  /** Number of sockets of this process. */
  get clientsCount(): number {
    return this.#clientsCount;
  }

  /** The effective options, including defaults, without the keys. */
  get options(): Readonly<Omit<ResolvedServerOptions, SecretOption>> {
    return withoutSecrets(this.#options);
  }

  /** Counters of this process: clients, channels, exceeded limits. */
  stats(): ServerStats {
    return statsOf(this.#parts, this.#delivery.losses, {
      clients: this.#clientsCount,
      connecting: this.sockets.cores.size - this.#clientsCount,
      overloaded: this.#loadMonitor?.isOverloaded === true,
    });
  }

  /** The metrics of this process, for a collector. The event loop is sampled from the first call on. */
  metrics({ format = 'text' }: { readonly format?: MetricsFormat } = {}): string {
    return this.#metrics.write(format);
  }

  /** @internal Access for the worker process, for its reports and for operators. */
  get inside(): ServerInside {
    return { metrics: this.#metrics, cores: this.sockets.cores, parts: this.#parts };
  }

  /** Appends a function to a middleware line. Throws `InvalidArgumentsError` for an unknown line. */
  addMiddleware(line: 'handshake', middleware: HandshakeForms): void;
  /** Adds a function with the parameters `(req, next)`. */
  addMiddleware(line: 'handshake', middleware: RequestMiddleware<'handshake'>): void;
  /** Adds a function to another line. */
  addMiddleware<Line extends Exclude<MiddlewareLine, 'handshake'>>(
    line: Line,
    middleware: MiddlewareForms<Line, App>,
  ): void;
  /** Adds a function with the positional parameters of the original. */
  addMiddleware<Line extends MiddlewareLine>(line: Line, middleware: PositionalMiddleware<App>[Line]): void;
  addMiddleware<Line extends MiddlewareLine>(line: Line, middleware: unknown): void {
    this.#parts.middleware.add(line, middleware as Middleware<Line>);
  }

  /** Removes a middleware function from its line. */
  removeMiddleware<Line extends MiddlewareLine>(line: Line, middleware: Middleware<Line, App>): void {
    this.#parts.middleware.remove(line, middleware as unknown as Middleware<Line>);
  }

  /** Encodes messages with this codec instead of JSON, for future sockets. */
  setCodecEngine(codec: Codec): void {
    this.#parts.codecs.choice.engine = checkCodec(codec);
  }

  /** Lets clients select this codec by its WebSocket subprotocol. */
  addCodec(codec: Codec): void {
    this.#parts.codecs.choice.offered.push(checkOfferedCodec(codec));
  }

  /** Signs a token that clients may present, for example after a login over HTTP. */
  signAuthToken(claims: ClaimsOf<App>, options?: SignOptions): Promise<string> {
    return this.#parts.auth.tokens.sign(claims, options);
  }

  /** Verifies a token as in a handshake. */
  async verifyAuthToken(signedToken: string): Promise<AuthToken<App>> {
    return (await this.#parts.auth.tokens.verify(signedToken)) as AuthToken<App>;
  }

  /** Verifies the token of an HTTP request: `Authorization: Bearer`, or the cookie of `authCookie`; `null` for none. */
  async authenticateRequest(request: IncomingMessage): Promise<AuthToken<App> | null> {
    const token = tokenOfRequest(request, { ...this.#options, origins: this.#parts.auth.origins });
    return token === undefined ? null : this.verifyAuthToken(token);
  }

  /**
   * Signs and verifies with other keys from now on; give all key options that are to apply. Sockets keep their tokens.
   * Throws `InvalidOptionsError`. In a cluster, call it in every worker.
   */
  setAuthKeys(keys: AuthKeys): void {
    checkAuthKeys(keys);
    this.#parts.auth.tokens.use(new KeyAuthority({ ...withoutAuthKeys(this.#options), ...keys }, this.#parts.logger));
  }

  /** Signs and verifies with this engine from now on. Sockets keep their tokens. */
  setAuthEngine(engine: AuthEngine): void {
    this.#parts.auth.tokens.use(engineAuthority(engine));
  }

  /** Closes a user's sockets (claim `userClaim`) on every worker. Rejects with `OrderError` if a worker failed. */
  disconnectUser(user: string, code?: number, reason?: string): Promise<void> {
    return this.#userOrders.disconnect(user, code, reason);
  }

  /**
   * Sends an event to every open socket of a user, on every worker. Resolves when all workers have sent it; rejects
   * with `InvalidArgumentsError` for an invalid name or data.
   */
  async emitToUser<Name extends EmittedName<App>>(
    user: string,
    event: Name,
    ...[data]: DataArgument<DataOf<ServerEventsOf<App>, Name>>
  ): Promise<void> {
    await this.#userOrders.emit(user, event, data);
  }

  /**
   * The subscribed sockets of a channel on every worker, with their users. Queries every worker, so use it for
   * moderation and tools. A worker that cannot write its part to the store logs the error and is missing from the list.
   */
  subscribers(channel: ChannelName<App>): Promise<ChannelSubscriber[]> {
    return this.#subscriberLists.of(channel);
  }

  /** Removes the auth token of every socket of a user, on every worker. Settles like `disconnectUser`. */
  deauthenticateUser(user: string): Promise<void> {
    return this.#userOrders.deauthenticate(user);
  }

  /**
   * Ends the subscriptions of every socket of a user to a channel, or to all, on every worker. Settles like
   * `disconnectUser`.
   */
  kickOutUser(user: string, channel?: string, message = ''): Promise<void> {
    return this.#userOrders.kickOut(user, channel, message);
  }

  /**
   * Accepts no more sockets and closes the open ones with 1001, spread evenly over this time in milliseconds, so that
   * their clients do not all reconnect to other servers at once. Then closes the server like `close`.
   */
  async drain(overMs: number): Promise<void> {
    checkDrainTime(overMs);
    this.#upgrades.stop();
    await closeSpread(this.sockets.cores, overMs);
    await this.close();
  }

  /** Closes all sockets with 1001 and the HTTP server, and releases the store. Resolves when all is done. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#upgrades.stop();
    for (const core of this.sockets.cores) core.close(closeCodes.goingAway);
    await this.#http.close(this.#options.closeTimeout, () => this.sockets.cores.size > 0);
    if (!this.#http.isFed) this.#upgrades.end();
    this.#loadMonitor?.stop();
    this.#metrics.stop();
    this.#userOrders.stop();
    stopServerParts(this.#parts);
    this.exchange.close();
    this.#delivery.stop();
    if (this.#ownsStore) await this.#store.close();
  }

  #onOpened(core: SocketCore): Promise<void> | undefined {
    this.#parts.clientLog.handshakeDone(core);
    const socket = socketOf<App>(core);
    this.#clients[core.id] = socket;
    this.#clientsCount += 1;
    this.#parts.sessions?.add(core);
    return this.#listeners.settled(core.id, () => this.emit('connection', socket));
  }

  #onClosed(core: SocketCore, code: number, reason: string): void {
    this.sockets.cores.delete(core);
    this.#parts.clientLog.disconnected(core, code, reason);
    const socket = this.#clients[core.id];
    if (socket === undefined) return;
    delete this.#clients[core.id];
    this.#clientsCount -= 1;
    this.#parts.sessions?.remove(core);
    socket.endCalls();
    socket.announce('disconnect', code, reason);
    this.emit('disconnection', socket, code, reason);
  }
}

/** A socket with the types of the application's interface, which are not checked at run time. */
function socketOf<App extends AppShape>(core: SocketCore): SCSocket<App> {
  return core.socket as unknown as SCSocket<App>;
}
