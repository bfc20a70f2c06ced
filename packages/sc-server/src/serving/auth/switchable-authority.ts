import type { AuthToken, SignOptions, TokenAuthority } from './tokens.js';

/** The authority in use, which can be exchanged while sockets are served: each token meets one or the other whole. */
export class SwitchableAuthority implements TokenAuthority {
  #current: TokenAuthority;

  constructor(first: TokenAuthority) {
    this.#current = first;
  }

  use(authority: TokenAuthority): void {
    this.#current = authority;
  }

  sign(claims: object, options?: SignOptions): Promise<string> {
    return this.#current.sign(claims, options);
  }

  verify(signedToken: unknown): Promise<AuthToken> {
    return this.#current.verify(signedToken);
  }
}
