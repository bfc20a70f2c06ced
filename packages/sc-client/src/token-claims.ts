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
    return null; // Not a JWT: its claims are unknown.
  }
}

/** Estimates the server's clock; the local clock may be off by days. */
export class ServerClock {
  readonly #platform: Platform;
  /** Server time minus the local monotonic clock. */
  #offsetMs: number | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Sets the time from a handshake, in milliseconds since 1970. Servers of other versions do not send it. */
  set(timeMs: number | undefined): void {
    if (Number.isFinite(timeMs)) this.#offsetMs = (timeMs as number) - this.#platform.elapsed();
  }

  /** Sets the time from a newly issued token, unless a handshake has set it. */
  learn(claims: Claims | null): void {
    if (this.#offsetMs === undefined) this.set((claims?.['iat'] as number) * 1000);
  }

  /** Remaining lifetime of a token with these claims, in milliseconds; `Infinity` without an expiry. */
  leftMs(claims: Claims | null): number {
    const exp = claims?.['exp'];
    const now = this.#offsetMs === undefined ? this.#platform.now() : this.#offsetMs + this.#platform.elapsed();
    return (Number.isFinite(exp) ? (exp as number) * 1000 : Infinity) - now;
  }
}
