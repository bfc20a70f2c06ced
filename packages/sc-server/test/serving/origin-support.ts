import type { IncomingMessage } from 'node:http';
import { createOriginCheck } from '../../src/http/origins.js';
import type { TrustProxy } from '../../src/http/client-address.js';

export interface Page {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  /** Whether the connection is encrypted. */
  readonly isSecure?: boolean;
  readonly trustProxy?: TrustProxy;
  /** More headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
}

const requestOf = ({ origin, host, isSecure = false, headers }: Page) =>
  ({
    headers: { origin, host, ...headers },
    socket: { remoteAddress: '10.0.0.1', ...(isSecure && { encrypted: true }) },
  }) as unknown as IncomingMessage;

/** Whether a page may connect when these origins are listed. */
export function isAllowed(origins: string | readonly string[], page: Page): boolean {
  return createOriginCheck(origins, page.trustProxy).allows(requestOf(page));
}

/** Whether its cookies may log it in. */
export function areCookiesTrusted(origins: string | readonly string[], page: Page): boolean {
  return createOriginCheck(origins, page.trustProxy).trustsCookies(requestOf(page));
}
