import { AuthTokenInvalidError } from 'sc-protocol';
import type { LimitHits } from '../limits/limit-hits.js';
import type { Logger } from '../log/logger.js';
import type { AuthOptions } from './options.js';
import { KeyAuthority, engineAuthority, type AuthToken, type IssuedToken, type TokenAuthority } from './tokens.js';
import type { SignOptions } from './sign-options.js';

/**
 * The current authority. It can be replaced while sockets are served: each token is handled entirely by the old or the
 * new one.
 */
export class SwitchableAuthority {
  #current: TokenAuthority;
  readonly #maxTokenBytes: number;
  readonly #limitHits: LimitHits;

  constructor(first: TokenAuthority, maxTokenBytes: number, limitHits: LimitHits) {
    this.#current = first;
    this.#maxTokenBytes = maxTokenBytes;
    this.#limitHits = limitHits;
  }

  use(authority: TokenAuthority): void {
    this.#current = authority;
  }

  /** Throws `InvalidArgumentsError` for invalid claims or an invalid lifetime. */
  issue(claims: object, options?: SignOptions): IssuedToken {
    return this.#current.issue(claims, options);
  }

  async sign(claims: object, options?: SignOptions): Promise<string> {
    return this.issue(claims, options).signed;
  }

  /** Verifies a value sent as a token. Rejects without further checks if it cannot be a token. */
  async verify(signedToken: unknown): Promise<AuthToken> {
    if (typeof signedToken !== 'string')
      throw new AuthTokenInvalidError('The auth token must be a string', { reason: 'malformed' });
    const most = this.#maxTokenBytes;
    if (signedToken.length <= most) return this.#current.verify(signedToken);
    this.#limitHits.hit('authTokenBytes');
    throw new AuthTokenInvalidError(`The auth token must be at most ${most} bytes`, { reason: 'size' });
  }
}

/**
 * Creates the authority configured by the options. Throws `InvalidOptionsError` for keys that do not fit their
 * algorithm.
 */
export function createAuthority(
  options: AuthOptions & { readonly authMaxTokenBytes: number },
  logger: Logger,
  limitHits: LimitHits,
): SwitchableAuthority {
  const { authEngine, authMaxTokenBytes } = options;
  const first = authEngine === undefined ? new KeyAuthority(options, logger) : engineAuthority(authEngine);
  return new SwitchableAuthority(first, authMaxTokenBytes, limitHits);
}
