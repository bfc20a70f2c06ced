import { decodeBase64 } from 'sc-protocol/client';
import type { Platform } from './platform.js';

export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a signed auth token, not verified. `null` when it is not a JWT. */
export function decodeClaims(token: string): Claims | null {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  try {
    const bytes = decodeBase64(payload.replace(/-/g, '+').replace(/_/g, '/'));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Claims) : null;
  } catch {
    return null; // Some other kind of token: nothing can be said about its claims.
  }
}

/** The server's clock, as far as it is known; the clock of this machine may be days off. */
export class ServerClock {
  readonly #platform: Platform;
  /** The server's clock minus the monotonic clock here. */
  #offsetMs: number | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Milliseconds since 1970 as a handshake has told them; servers of other versions do not. */
  set(timeMs: number | undefined): void {
    if (Number.isFinite(timeMs)) this.#offsetMs = (timeMs as number) - this.#platform.elapsed();
  }

  /** Takes the time from a token that was just issued, unless the handshake has told it. */
  learn(claims: Claims | null): void {
    if (this.#offsetMs === undefined) this.set((claims?.['iat'] as number) * 1000);
  }

  /** How much longer a token with these claims is valid, in milliseconds; `Infinity` for one without an expiry. */
  leftMs(claims: Claims | null): number {
    const exp = claims?.['exp'];
    const now = this.#offsetMs === undefined ? this.#platform.now() : this.#offsetMs + this.#platform.elapsed();
    return (Number.isFinite(exp) ? (exp as number) * 1000 : Infinity) - now;
  }
}
