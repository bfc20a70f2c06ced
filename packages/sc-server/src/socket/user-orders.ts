import {
  InvalidArgumentsError,
  closeCodes,
  encodeJson,
  encodingError,
  isReservedEvent,
  jsonCodec,
  nameProblem,
} from 'sc-protocol';
import type { Orders } from '../channels/orders.js';
import { canBeSent } from '../websocket/close-code.js';
import type { Users } from './users.js';

/** Orders for all sockets of a user, in every process. */
type UserOrder =
  | { readonly type: 'disconnect'; readonly user: string; readonly code: number; readonly reason?: string }
  | { readonly type: 'deauthenticate'; readonly user: string }
  | { readonly type: 'emit'; readonly user: string; readonly event: string; readonly json: string | undefined }
  | { readonly type: 'kickOut'; readonly user: string; readonly channel?: string; readonly message: string };

const kind = 'user';

/** Gives orders about a user to every process, and carries out those of others. */
export class UserOrders {
  readonly #orders: Orders;
  readonly #users: Users;

  constructor(orders: Orders, users: Users) {
    this.#orders = orders;
    this.#users = users;
    orders.on<UserOrder>(kind, (order) => this.#carryOut(order));
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
    const problem =
      nameProblem(event) ?? (isReservedEvent(event) ? `must not be "${event}": it is reserved` : undefined);
    if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
    return this.#give({ type: 'emit', user, event, json: data === undefined ? undefined : jsonOf(event, data) });
  }

  stop(): void {
    this.#orders.stop();
  }

  #give(order: UserOrder): Promise<void> {
    return this.#orders.give(kind, order);
  }

  #carryOut(order: UserOrder): void {
    this.#users.each(order.user, (core) => {
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
          if (core.state === 'open')
            core.socket.emit(order.event, order.json === undefined ? undefined : jsonCodec.decode(order.json));
          break;
        default:
          order satisfies never;
      }
    });
  }
}

function jsonOf(event: string, data: unknown): string {
  try {
    return encodeJson(data);
  } catch (cause) {
    throw encodingError(`"${event}"`, cause);
  }
}
