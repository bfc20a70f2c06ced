import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Store } from 'ndata-store';
import type { AppShape } from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import type { Orders } from '../channels/orders.js';
import type { ResolvedServerOptions } from '../server/options.js';
import type { SCSocket, Session } from '../socket/sc-socket.js';
import { runEach } from '../kit/run-each.js';
import { dataOf } from '../socket/emit-order.js';
import { appendCookie } from '../http/append-cookie.js';
import { markOwn } from '../http/own-listeners.js';
import { SessionCookie } from './session-cookie.js';
import { SessionOf, sessionKeyOf, type SessionKeeper, type SessionOrder } from './session.js';

declare const sessionType: unique symbol;

// A program may see the types of both module formats, each with its own `Session`, but a property must have one type in
// all declarations. So each adds its `Session` under its own symbol, and the property is any of them.
declare module 'http' {
  interface SocketClusterSessions {
    readonly [sessionType]: Session;
  }
  interface IncomingMessage {
    /** The session of the request, if sessions are enabled. */
    session?: SocketClusterSessions[keyof SocketClusterSessions];
  }
}

/** One socket of a session. */
export interface SessionSocket {
  /** Orders carried out for this client in its previous process. */
  readonly carriedOut: ReadonlySet<string> | undefined;
  readonly id: string;
  readonly request: IncomingMessage;
  readonly socket: SCSocket;
  readonly subscriptions: { kickOut(channel: string | undefined, message: string): void } | undefined;
}

export interface SessionsSetting {
  readonly options: ResolvedServerOptions;
  readonly store: Store;
  readonly orders: Orders;
  readonly logger: Logger;
  /** Called when the last socket of a session in this process has disconnected. */
  readonly onEnd: (sessionId: string) => void;
}

const kind = 'session';

/** The sessions of this process: finds them by cookie and keeps their data alive while they have sockets. */
export class Sessions implements SessionKeeper<SCSocket> {
  readonly store: Store;
  readonly timeoutMs: number;
  readonly #orders: Orders;
  readonly #logger: Logger;
  readonly #cookie: SessionCookie;
  readonly #onEnd: (sessionId: string) => void;
  readonly #sockets = new Map<string, Set<SessionSocket>>();
  /** Requests whose response has to set the cookie. */
  readonly #unknown = new WeakSet<IncomingMessage>();
  readonly #renewal: NodeJS.Timeout;
  #stopServing: (() => void) | undefined;

  constructor({ options, store, orders, logger, onEnd }: SessionsSetting) {
    this.store = store;
    this.timeoutMs = options.sessionTimeout;
    this.#orders = orders;
    this.#logger = logger;
    this.#onEnd = onEnd;
    this.#cookie = new SessionCookie({
      name: options.sessionCookieName,
      key: keyOf(options),
      isSecure: options.sessionCookieSecure,
    });
    orders.on<SessionOrder>(kind, (order, id) => this.#carryOut(order, id));
    this.#renewal = setInterval(() => this.#renew(), this.timeoutMs / 3).unref();
  }

  /** Sets the session of every HTTP request before the application sees it, and emits the event `req`. */
  serve(httpServer: HttpServer): void {
    const onRequest = markOwn((request: IncomingMessage, response: ServerResponse) => {
      const setCookie = this.prepare(request);
      if (setCookie !== undefined) appendCookie(response, setCookie);
      httpServer.emit('req', request, response);
    });
    httpServer.prependListener('request', onRequest);
    this.#stopServing = () => httpServer.off('request', onRequest);
  }

  /** Sets `request.session`. Returns the `Set-Cookie` header for the response, if needed. */
  prepare(request: IncomingMessage): string | undefined {
    const known = this.#cookie.read(request);
    const id = known ?? this.#cookie.newId();
    request.session = new SessionOf<AppShape, SCSocket>(id, undefined, this);
    if (known !== undefined) return undefined;
    this.#unknown.add(request);
    return this.#cookie.write(id, request);
  }

  /** Headers for the response to an upgrade whose request was prepared. */
  headersOf(request: IncomingMessage): readonly string[] {
    if (!this.#unknown.has(request) || request.session === undefined) return [];
    return [`Set-Cookie: ${this.#cookie.write(request.session.id, request)}`];
  }

  ofSocket(core: Pick<SessionSocket, 'id' | 'request'>): Session | undefined {
    const id = core.request.session?.id;
    return id === undefined ? undefined : new SessionOf<AppShape, SCSocket>(id, core.id, this);
  }

  add(core: SessionSocket): void {
    const id = core.request.session?.id;
    if (id === undefined) return;
    const sockets = this.#sockets.get(id);
    if (sockets === undefined) this.#sockets.set(id, new Set([core]));
    else sockets.add(core);
  }

  remove(core: SessionSocket): void {
    const id = core.request.session?.id;
    const sockets = id === undefined ? undefined : this.#sockets.get(id);
    if (id === undefined || sockets === undefined || !sockets.delete(core) || sockets.size > 0) return;
    this.#sockets.delete(id);
    this.#onEnd(id);
  }

  sockets(sessionId: string): SCSocket[] {
    return [...(this.#sockets.get(sessionId) ?? [])].map(({ socket }) => socket);
  }

  order(order: SessionOrder): Promise<void> {
    return this.#orders.give(kind, order);
  }

  stop(): void {
    clearInterval(this.#renewal);
    this.#stopServing?.();
  }

  #renew(): void {
    const keys = [...this.#sockets.keys()].map((id) => [sessionKeyOf(id)]);
    if (keys.length === 0) return;
    this.store.expire(keys, this.timeoutMs / 1000).catch((error: unknown) => {
      this.#logger.warn('Sessions could not be kept alive', { error });
    });
  }

  /** Restores the session of a socket's request after a move from another process. */
  restore(request: IncomingMessage, sessionId: string): void {
    request.session = new SessionOf<AppShape, SCSocket>(sessionId, undefined, this);
  }

  #carryOut(order: SessionOrder, id: string): void {
    const data = order.type === 'emit' ? dataOf(order) : undefined;
    const act = (core: SessionSocket): void => {
      if (core.carriedOut?.has(id)) return;
      switch (order.type) {
        case 'emit':
          if (core.id !== order.except) core.socket.emit(order.event, data);
          break;
        case 'kickOut':
          core.subscriptions?.kickOut(order.channel, order.message);
          break;
        default:
          order satisfies never;
      }
    };
    this.#orders.recent.note(id, sessionSubject(order.sessionId), act);
    runEach([...(this.#sockets.get(order.sessionId) ?? [])], act);
  }
}

/** Subject of a session in the recent orders. */
export function sessionSubject(sessionId: string): string {
  return `session ${sessionId}`;
}

function keyOf({ sessionKey, authKey }: ResolvedServerOptions): Buffer {
  if (sessionKey !== undefined) return Buffer.from(sessionKey);
  // A derived key, so that a session cookie can never pass as a token.
  return authKey === undefined ? randomBytes(32) : createHmac('sha256', authKey).update('sc session cookie').digest();
}
