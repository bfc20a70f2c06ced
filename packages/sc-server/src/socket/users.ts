import type { SocketCore } from './socket-core.js';

/** The sockets of this process by user: the claim that says whose a token is. */
export class Users {
  readonly #claim: string;
  readonly #byUser = new Map<string, Set<SocketCore>>();

  constructor(claim: string) {
    this.#claim = claim;
  }

  add(core: SocketCore): void {
    const user = this.#userOf(core);
    if (user === undefined) return;
    const sockets = this.#byUser.get(user);
    if (sockets === undefined) this.#byUser.set(user, new Set([core]));
    else sockets.add(core);
  }

  /** Before the socket's token changes. */
  remove(core: SocketCore): void {
    const user = this.#userOf(core);
    if (user === undefined) return;
    const sockets = this.#byUser.get(user);
    sockets?.delete(core);
    if (sockets?.size === 0) this.#byUser.delete(user);
  }

  of(user: string): readonly SocketCore[] {
    return [...(this.#byUser.get(user) ?? [])];
  }

  #userOf({ authToken }: SocketCore): string | undefined {
    const value = authToken?.[this.#claim];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }
}
