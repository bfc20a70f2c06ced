import { InvalidActionError, InvalidOptionsError } from 'sc-protocol';
import { requireRule } from 'sc-protocol/kit';
import type { AuthEngine } from './token-store.js';

/** Options of `cookieTokenStore`. */
export interface CookieOptions {
  /** Path below which pages can read the token. @default '/' */
  readonly path?: string;
  /** Share the token with the subdomains of this domain. @default the page's host alone */
  readonly domain?: string;
  /** Send the cookie over https only. @default true when the page was loaded over https */
  readonly secure?: boolean;
  /** `SameSite` attribute: which cross-site requests carry the cookie. @default 'strict' */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** How long the cookie is kept, in seconds. @default until the browser is closed */
  readonly maxAgeSeconds?: number;
}

interface Page {
  readonly document?: { cookie: string };
  readonly location?: { readonly protocol: string };
  readonly cookieStore?: {
    addEventListener(type: 'change', listener: (event: CookieChange) => void): void;
    removeEventListener(type: 'change', listener: (event: CookieChange) => void): void;
  };
}

interface CookieChange {
  readonly changed: readonly { readonly name: string; readonly value: string }[];
  readonly deleted: readonly { readonly name: string }[];
}

const names: readonly string[] = ['path', 'domain', 'secure', 'sameSite', 'maxAgeSeconds'];

/**
 * Stores the token in a cookie, which the browser sends with HTTP requests to the same host: for servers that render
 * pages for logged-in users. Scripts of the page can read it, as they can read `localStorage`. Other tabs detect a
 * login or logout in browsers with `cookieStore`. Throws `InvalidOptionsError`, and `InvalidActionError` where cookies
 * are not available.
 */
export function cookieTokenStore(options: CookieOptions = {}): AuthEngine {
  const page = globalThis as Page;
  const attributes = attributesOf(options, page);
  const { document, cookieStore } = page;
  if (typeof document?.cookie !== 'string') throw new InvalidActionError('`document.cookie` is not available');
  const write = (name: string, value: string, end: string): void => {
    document.cookie = `${encodeURIComponent(name)}=${encodeURIComponent(value)}${attributes}${end}`;
  };
  const keep = options.maxAgeSeconds === undefined ? '' : `; max-age=${options.maxAgeSeconds}`;
  return {
    loadToken(name: string) {
      const start = `${encodeURIComponent(name)}=`;
      const found = document.cookie.split('; ').find((cookie) => cookie.startsWith(start));
      return found === undefined ? null : decodeURIComponent(found.slice(start.length));
    },
    saveToken: (name: string, token: string) => write(name, token, keep),
    removeToken: (name: string) => write(name, '', '; max-age=0'),
    watchToken(name, changed) {
      const cookieName = encodeURIComponent(name);
      const listener = (event: CookieChange): void => {
        const value = event.changed.find((cookie) => cookie.name === cookieName)?.value;
        if (value !== undefined) changed(decodeURIComponent(value));
        else if (event.deleted.some((cookie) => cookie.name === cookieName)) changed(null);
      };
      cookieStore?.addEventListener('change', listener);
      return () => cookieStore?.removeEventListener('change', listener);
    },
  };
}

function attributesOf(options: CookieOptions, { location }: Page): string {
  for (const option of Object.keys(options)) {
    if (names.includes(option)) continue;
    throw new InvalidOptionsError(`\`${option}\` is not an option of a cookie, which are ${names.join(', ')}`, {
      option,
    });
  }
  const {
    path = '/',
    domain,
    secure = location?.protocol === 'https:',
    sameSite = 'strict',
    maxAgeSeconds = 1,
  } = options;
  requireRule(/^\/[^;]*$/.test(path), 'path', 'text beginning with / and without ;', path);
  requireRule(domain === undefined || /^[^;\s]+$/.test(domain), 'domain', 'a domain', domain);
  requireRule(typeof secure === 'boolean', 'secure', 'true or false', secure);
  requireRule(['strict', 'lax', 'none'].includes(sameSite), 'sameSite', '"strict", "lax" or "none"', sameSite);
  requireRule(
    Number.isInteger(maxAgeSeconds) && maxAgeSeconds > 0,
    'maxAgeSeconds',
    'a whole number from 1',
    maxAgeSeconds,
  );
  return `; path=${path}; samesite=${sameSite}${domain === undefined ? '' : `; domain=${domain}`}${secure ? '; secure' : ''}`;
}
