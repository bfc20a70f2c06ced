import type { AuthToken } from '../auth/tokens.js';
import { runEach } from '../kit/run-each.js';

/** The part of a socket that user orders act on. */
export interface UserSocket {
  /** Ids of orders that the previous process already carried out for this client, before the socket moved. */
  readonly carriedOut: ReadonlySet<string> | undefined;
  readonly identity: { removeUser(user: string): void };
  readonly subscriptions: { kickOut(channel: string | undefined, message: string): void } | undefined;
  readonly socket: { emit(event: string, data?: unknown): void };
  readonly state: 'connecting' | 'open' | 'closed';
  close(code: number, reason?: string): void;
}

/** The subject under which recent orders list a user. */
export function userSubject(user: string): string {
  return `user ${user}`;
}

/** Applies an order to one socket of a user. */
export type UserAction = (core: UserSocket) => void;

/**
 * A presented token that is being verified. Its user is unknown, so orders given meanwhile are collected in `missed`.
 */
export interface UnknownBearer {
  readonly missed: { readonly user: string; readonly act: UserAction }[];
}

/**
 * The sockets of this process, indexed by user: the value of the claim that identifies the token's owner. A socket is
 * listed as soon as the claims of its token are verified, also while middleware is still deciding on the token.
 */
export class Users {
  readonly #claim: string;
  /** How many tokens of the user each socket holds or presents. */
  readonly #byUser = new Map<string, Map<UserSocket, number>>();
  readonly #unknown = new Set<UnknownBearer>();

  constructor(claim: string) {
    this.#claim = claim;
  }

  userOf(token: AuthToken | undefined): string | undefined {
    const value = token?.[this.#claim];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }

  add(core: UserSocket, token: AuthToken): void {
    const user = this.userOf(token);
    if (user === undefined) return;
    const sockets = this.#byUser.get(user) ?? new Map<UserSocket, number>();
    sockets.set(core, (sockets.get(core) ?? 0) + 1);
    this.#byUser.set(user, sockets);
  }

  remove(core: UserSocket, token: AuthToken): void {
    const user = this.userOf(token);
    const sockets = user === undefined ? undefined : this.#byUser.get(user);
    if (user === undefined || sockets === undefined) return;
    const left = (sockets.get(core) ?? 0) - 1;
    if (left > 0) sockets.set(core, left);
    else sockets.delete(core);
    if (sockets.size === 0) this.#byUser.delete(user);
  }

  of(user: string): readonly UserSocket[] {
    return [...(this.#byUser.get(user)?.keys() ?? [])];
  }

  /**
   * Applies `act` to every socket of the user, and to sockets whose token proves to be the user's once verified. Calls
   * all of them before it throws the first error.
   */
  each(user: string, act: UserAction): void {
    for (const bearer of this.#unknown) bearer.missed.push({ user, act });
    runEach(this.of(user), act);
  }

  /** Starts collecting orders for a token that is being verified. Always pair with {@link verified}. */
  verifying(): UnknownBearer {
    const bearer: UnknownBearer = { missed: [] };
    this.#unknown.add(bearer);
    return bearer;
  }

  /**
   * Applies the orders collected since {@link verifying} if the token belongs to their user; `undefined` for a refused
   * token.
   */
  verified(bearer: UnknownBearer, core: UserSocket, token: AuthToken | undefined): void {
    this.#unknown.delete(bearer);
    const user = this.userOf(token);
    if (user === undefined) return;
    for (const missed of bearer.missed) if (missed.user === user) missed.act(core);
  }
}
