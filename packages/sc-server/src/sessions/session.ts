import type { AppShape } from 'sc-protocol';
import { methodNames } from 'ndata-store';
import type { Callback, KeyChain, Store, ValueCommands } from 'ndata-store';
import type { DataArgument, DataOf, ServerEventsOf } from 'sc-protocol';
import type { EmittedName } from '../app-types.js';
import { emitOrder, type EmitOrder } from '../socket/emit-order.js';

type CommandName = keyof ValueCommands;

/** The store's commands for one value, applied to the session's own data. */
export type SessionData = ValueCommands;

type AnyCommand = (this: Store, key: KeyChain, ...rest: unknown[]) => unknown;

/** The interface through which a session uses the collection of all sessions. */
export interface SessionKeeper<Socket = unknown> {
  readonly store: Store;
  readonly timeoutMs: number;
  sockets(sessionId: string): Socket[];
  /** Sends the order to all processes. */
  order(order: SessionOrder): Promise<void>;
}

export type SessionOrder =
  | (EmitOrder & { readonly type: 'emit'; readonly sessionId: string; readonly except?: string })
  | { readonly type: 'kickOut'; readonly sessionId: string; readonly channel?: string; readonly message: string };

/** The top-level key of a session's data: one per session, so that sessions spread over all stores. */
export function sessionKeyOf(id: string): string {
  return `sc.session:${id}`;
}

/**
 * One visitor, shared by all sockets and requests of a browser. Its data lives in the store, and expires
 * `sessionTimeout` after its last use.
 */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- the static block makes every command; parameters repeat the class
export interface SessionOf<App extends AppShape, Socket> extends SessionData {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export class SessionOf<App extends AppShape, Socket> {
  readonly id: string;
  /** The socket that the session was taken from; `undefined` for the session of a request. */
  readonly socketId: string | undefined;
  readonly #keeper: SessionKeeper<Socket>;
  #renewedAt = 0;

  static {
    for (const name of [...methodNames.reading, ...methodNames.writing]) {
      const isWriting = methodNames.writing.includes(name);
      const value = function (this: SessionOf<AppShape, unknown>, key: KeyChain, ...rest: unknown[]): unknown {
        return this.#run(name, isWriting, key, rest);
      };
      Object.defineProperty(SessionOf.prototype, name, { value, configurable: true, writable: true });
    }
  }

  /** @internal */
  constructor(id: string, socketId: string | undefined, keeper: SessionKeeper<Socket>) {
    this.id = id;
    this.socketId = socketId;
    this.#keeper = keeper;
  }

  /** All of the session's data. */
  getAll(callback?: Callback<unknown>): Promise<unknown> {
    return this.#keeper.store.get([sessionKeyOf(this.id)], callback);
  }

  /** Deletes all of the session's data. Its sockets stay. */
  destroy(callback?: Callback<unknown>): Promise<unknown> {
    const key = [sessionKeyOf(this.id)];
    return callback === undefined ? this.#keeper.store.remove(key) : this.#keeper.store.remove(key, callback);
  }

  /** The visitor's sockets in this process. */
  sockets(): Socket[] {
    return this.#keeper.sockets(this.id);
  }

  /**
   * Emits an event to every socket of the visitor, on every worker. Resolves when all workers have sent it; rejects
   * with `InvalidArgumentsError` for an invalid name or data.
   */
  async emit<Name extends EmittedName<App>>(
    event: Name,
    ...[data]: DataArgument<DataOf<ServerEventsOf<App>, Name>>
  ): Promise<void> {
    await this.#keeper.order({ type: 'emit', sessionId: this.id, ...emitOrder(event, data) });
  }

  /** Same as `emit`, but excludes the socket that this session was taken from. */
  async transmit<Name extends EmittedName<App>>(
    event: Name,
    ...[data]: DataArgument<DataOf<ServerEventsOf<App>, Name>>
  ): Promise<void> {
    const { id, socketId } = this;
    const order = { type: 'emit', sessionId: id, ...emitOrder(event, data) } as const;
    await this.#keeper.order({ ...order, ...(socketId !== undefined && { except: socketId }) });
  }

  /** Ends one subscription, or all, of every socket of the visitor, on every worker. */
  kickOut(channel?: string, message = ''): Promise<void> {
    return this.#keeper.order({ type: 'kickOut', sessionId: this.id, message, ...(channel && { channel }) });
  }

  #run(name: CommandName, isWriting: boolean, key: KeyChain, rest: unknown[]): unknown {
    const { store, timeoutMs } = this.#keeper;
    const chain = [sessionKeyOf(this.id), ...(typeof key === 'object' ? key : [key])];
    const result = (store[name] as AnyCommand).call(store, chain, ...rest);
    const now = Date.now();
    if (isWriting || now - this.#renewedAt > timeoutMs / 4) {
      this.#renewedAt = now;
      // The link preserves order, so the key exists by then. If the link is lost, the command itself reports it.
      store.expire([[sessionKeyOf(this.id)]], timeoutMs / 1000).catch(() => undefined);
    }
    return result;
  }
}
