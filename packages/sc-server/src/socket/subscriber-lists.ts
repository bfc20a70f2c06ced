import { randomUUID } from 'node:crypto';
import { InvalidArgumentsError, nameProblem } from 'sc-protocol';
import type { KeyChain, Store } from 'ndata-store';
import type { FanOut } from '../channels/fan-out.js';
import type { Orders } from '../channels/orders.js';
import { SocketCore } from './socket-core.js';
import type { Users } from './users.js';

/** One socket that is subscribed to a channel. */
export interface ChannelSubscriber {
  /** Id of the subscribed socket. */
  readonly socketId: string;
  /** The user that the socket's auth token names (option `userClaim`); absent without one. */
  readonly user?: string;
}

/** A request to every process to write its list of a channel's subscribers beneath a key of the store. */
interface ListOrder {
  readonly channel: string;
  readonly key: string;
}

export interface SubscriberListsDeps {
  readonly store: Store;
  readonly orders: Orders;
  readonly fanOut: FanOut;
  readonly users: Users;
}

const kind = 'subscribers';
/** Expiry of lists that are not collected because the requesting process has exited. */
const expiresInSeconds = 60;

/** Lists a channel's subscribers across all processes, and answers such requests of other processes. */
export class SubscriberLists {
  readonly #deps: SubscriberListsDeps;
  readonly #processId = randomUUID();

  constructor(deps: SubscriberListsDeps) {
    this.#deps = deps;
    deps.orders.on<ListOrder>(kind, (order) => this.#write(order));
  }

  /**
   * Returns the subscribers of a channel. Rejects if the store cannot be reached or a process does not respond in time.
   */
  async of(channel: string): Promise<ChannelSubscriber[]> {
    const problem = nameProblem(channel);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    const { store, orders } = this.#deps;
    const key = `sc.subscribers:${randomUUID()}`;
    await orders.give(kind, { channel, key } satisfies ListOrder);
    const lists = (await store.get([key])) as Readonly<Record<string, readonly ChannelSubscriber[]>> | null | undefined;
    if (lists === undefined || lists === null) return [];
    await store.remove([key]);
    return Object.values(lists).flat();
  }

  async #write({ channel, key }: ListOrder): Promise<void> {
    const { store } = this.#deps;
    const list = this.#list(channel);
    if (list.length === 0) return;
    const chain: KeyChain = [key, this.#processId];
    await store.set(chain, list);
    await store.expire([[key]], expiresInSeconds);
  }

  #list(channel: string): ChannelSubscriber[] {
    const { fanOut, users } = this.#deps;
    const list: ChannelSubscriber[] = [];
    for (const { owner } of fanOut.subscribers(channel) ?? []) {
      if (!(owner instanceof SocketCore)) continue;
      const user = users.userOf(owner.authToken);
      list.push({ socketId: owner.id, ...(user !== undefined && { user }) });
    }
    return list;
  }
}
