import type { AuthToken } from '../auth/tokens.js';
import { runEach } from '../kit/run-each.js';

/** One socket, as orders about its user see it. */
export interface UserSocket {
  /** Orders that were carried out for this client in the process that had it before. */
  readonly carriedOut: ReadonlySet<string> | undefined;
  readonly identity: { removeUser(user: string): void };
  readonly subscriptions: { kickOut(channel: string | undefined, message: string): void } | undefined;
  readonly socket: { emit(event: string, data?: unknown): void };
  readonly state: 'connecting' | 'open' | 'closed';
  close(code: number, reason?: string): void;
}

/** How recent orders name a user. */
export function userSubject(user: string): string {
  return `user ${user}`;
}

/** Does something to one socket of a user. */
export type UserAction = (core: UserSocket) => void;

/** A presented token that is being verified: its user is not known yet. */
export interface UnknownBearer {
  readonly missed: { readonly user: string; readonly act: UserAction }[];
}

/**
 * The sockets of this process by user: the claim that says whose a token is. A socket counts from the moment the claims
 * of its token are known, while middleware still looks at them too.
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
   * Acts on every socket of the user, and on those that turn out to be his once their token is verified. Throws the first error
   * when all have had their turn.
   */
  each(user: string, act: UserAction): void {
    for (const bearer of this.#unknown) bearer.missed.push({ user, act });
    runEach(this.of(user), act);
  }

  /** A token is being verified. Always pair with {@link verified}. */
  verifying(): UnknownBearer {
    const bearer: UnknownBearer = { missed: [] };
    this.#unknown.add(bearer);
    return bearer;
  }

  /** The claims are known, or the token is refused: applies what was ordered meanwhile about its user. */
  verified(bearer: UnknownBearer, core: UserSocket, token: AuthToken | undefined): void {
    this.#unknown.delete(bearer);
    const user = this.userOf(token);
    if (user === undefined) return;
    for (const missed of bearer.missed) if (missed.user === user) missed.act(core);
  }
}
