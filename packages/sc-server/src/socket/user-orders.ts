import { InvalidArgumentsError, closeCodes, nameProblem } from 'sc-protocol';
import type { Orders } from '../channels/orders.js';
import { canBeSent } from '../websocket/close-code.js';
import { dataOf, emitOrder, type EmitOrder } from './emit-order.js';
import { userSubject, type UserSocket, type Users } from './users.js';

/** Orders for all sockets of a user, in every process. */
type UserOrder =
  | { readonly type: 'disconnect'; readonly user: string; readonly code: number; readonly reason?: string }
  | { readonly type: 'deauthenticate'; readonly user: string }
  | (EmitOrder & { readonly type: 'emit'; readonly user: string })
  | { readonly type: 'kickOut'; readonly user: string; readonly channel?: string; readonly message: string };

const kind = 'user';

/** Sends orders about a user to every process, and carries out orders received from other processes. */
export class UserOrders {
  readonly #orders: Orders;
  readonly #users: Users;

  constructor(orders: Orders, users: Users) {
    this.#orders = orders;
    this.#users = users;
    orders.on<UserOrder>(kind, (order, id) => this.#carryOut(order, id));
  }

  disconnect(user: string, code: number = closeCodes.normal, reason?: string): Promise<void> {
    if (!canBeSent(code)) throw new InvalidArgumentsError(`A close code must be one that can be sent, got ${code}`);
    return this.#give({ type: 'disconnect', user, code, ...(reason !== undefined && { reason }) });
  }

  deauthenticate(user: string): Promise<void> {
    return this.#give({ type: 'deauthenticate', user });
  }

  kickOut(user: string, channel: string | undefined, message: string): Promise<void> {
    const problem = channel === undefined ? undefined : nameProblem(channel);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    return this.#give({ type: 'kickOut', user, message, ...(channel !== undefined && { channel }) });
  }

  emit(user: string, event: string, data: unknown): Promise<void> {
    return this.#give({ type: 'emit', user, ...emitOrder(event, data) });
  }

  stop(): void {
    this.#orders.stop();
  }

  #give(order: UserOrder): Promise<void> {
    return this.#orders.give(kind, order);
  }

  #carryOut(order: UserOrder, id: string): void {
    const data = order.type === 'emit' ? dataOf(order) : undefined;
    const act = (core: UserSocket): void => {
      if (core.carriedOut?.has(id)) return;
      switch (order.type) {
        case 'disconnect':
          core.close(order.code, order.reason);
          break;
        case 'deauthenticate':
          core.identity.removeUser(order.user);
          break;
        case 'kickOut':
          core.subscriptions?.kickOut(order.channel, order.message);
          break;
        case 'emit':
          // A socket in its handshake has no listeners of the application yet.
          if (core.state === 'open') core.socket.emit(order.event, data);
          break;
        default:
          order satisfies never;
      }
    };
    this.#orders.recent.note(id, userSubject(order.user), act);
    this.#users.each(order.user, act);
  }
}
