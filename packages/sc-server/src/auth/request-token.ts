import type { IncomingMessage } from 'node:http';
import { cookieOf } from '../http/cookie.js';
import { originOf, type OriginCheck } from '../http/origins.js';

interface CookieRule {
  /** Server option; if false, cookies are ignored. */
  readonly authCookie: boolean;
  readonly authCookieName: string;
  readonly origins: OriginCheck;
}

const bearer = /^Bearer +(\S+) *$/i;
/** Requests without side effects. Browsers send no `Origin` with those of the server's own pages. */
const safeMethods: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The signed auth token that an HTTP request presents: in its header `Authorization: Bearer`, otherwise in the cookie
 * of `authCookie`. Browsers send cookies with requests from any site, so a cookie is accepted only from pages that the
 * server trusts, and only with an `Origin` if the request may change something.
 */
export function tokenOfRequest(request: IncomingMessage, rule: CookieRule): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return bearer.exec(authorization)?.[1];
  if (!rule.authCookie || !rule.origins.trustsCookies(request)) return undefined;
  if (originOf(request) === undefined && !safeMethods.includes(request.method)) return undefined;
  return cookieOf(request, rule.authCookieName);
}
