import type { IncomingMessage } from 'node:http';

/** The value of a request's cookie; `undefined` if it is missing or empty. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const end = pair.indexOf('=');
    if (end > 0 && pair.slice(0, end).trim() === name) return pair.slice(end + 1).trim() || undefined;
  }
  return undefined;
}
