import { InvalidArgumentsError, closeCodes, nameProblem } from 'sc-protocol';
import type { Exchange } from '../channels/exchange.js';
import type { Logger } from '../log/logger.js';
import { canBeSent } from '../websocket/close-code.js';
import { internalChannel } from '../channels/internal-channel.js';
import { joinInternalChannel, type InternalChannel } from '../channels/join-internal-channel.js';
import type { Users } from './users.js';

/** What is to happen to all sockets of a user, in every process. */
type UserOrder =
  | { readonly type: 'disconnect'; readonly user: string; readonly code: number; readonly reason?: string }
  | { readonly type: 'deauthenticate'; readonly user: string }
  | { readonly type: 'kickOut'; readonly user: string; readonly channel?: string; readonly message: string };

const channelName = internalChannel('users');

/** Gives orders about a user to every process, and carries out those of others. */
export class UserOrders {
  readonly #exchange: Exchange;
  readonly #users: Users;
  readonly #channel: InternalChannel;

  constructor(exchange: Exchange, users: Users, logger: Logger) {
    this.#exchange = exchange;
    this.#users = users;
    this.#channel = joinInternalChannel<UserOrder>(exchange, channelName, logger, (order) => this.#carryOut(order));
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

  stop(): void {
    this.#channel.leave();
  }

  #give(order: UserOrder): Promise<void> {
    return this.#exchange.publish(channelName, order);
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
        default:
          order satisfies never;
      }
    });
  }
}
