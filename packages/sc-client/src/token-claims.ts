import { decodeBase64 } from 'sc-protocol/client';

/** What a signed auth token claims, not verified. `null` when it is no JWT. */
export function decodeClaims(token: string): Record<string, unknown> | null {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  try {
    const bytes = decodeBase64(payload.replace(/-/g, '+').replace(/_/g, '/'));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : null;
  } catch {
    return null; // Some other kind of token: nothing can be said about its claims.
  }
}

/** When a token with these claims expires, in milliseconds since 1970, if it does. */
export function expiryOf(claims: Record<string, unknown> | null): number | undefined {
  const exp = claims?.['exp'];
  return Number.isFinite(exp) ? (exp as number) * 1000 : undefined;
}
