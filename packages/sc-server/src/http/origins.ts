import type { IncomingMessage } from 'node:http';
import { createProxyTrust, type TrustProxy } from './client-address.js';

/** Access decisions by the origin of a page. */
export interface OriginCheck {
  /** Whether the page that sends this request may connect. A request without an origin is from a program. */
  allows(request: IncomingMessage): boolean;
  /**
   * Whether a cookie may authenticate this page: it has the server's own origin, or its origin is listed explicitly.
   * Pages of any site can send the visitor's cookies.
   */
  trustsCookies(request: IncomingMessage): boolean;
}

export interface OriginPattern {
  /** `undefined` for `http` and `https`. */
  readonly scheme: string | undefined;
  /** Exact host, or the part after `*.` when `anyLabel`; `undefined` for any. */
  readonly host: string | undefined;
  readonly anyLabel: boolean;
  /** `undefined` for any, '' for none. */
  readonly port: string | undefined;
  /** Every origin is allowed, including those that are not URLs. */
  readonly isForAll: boolean;
}

/** A parsed origin (RFC 6454 §6.2); the scheme `null` stands for pages without an origin. */
interface Page {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };
/** Longer origins match no configured page. */
const maxOriginLength = 300;

/**
 * Creates the check. A page has the server's own origin if its host and port are those to which the request was sent,
 * and its scheme is at least as secure: an `http` page does not have the origin of a server reached by `https`, but an
 * `https` page may belong to a server that a proxy reaches by `http`. The host and scheme forwarded by a trusted proxy
 * take precedence. `null`, and origins that do not parse, are refused unless they or all origins are listed.
 */
export function createOriginCheck(origins: string | readonly string[], trustProxy: TrustProxy = 0): OriginCheck {
  const patterns = parseOrigins(listOf(origins));
  const narrow = patterns.filter((pattern) => !isBroad(pattern));
  const allowsAll = patterns.some(({ isForAll }) => isForAll);
  const isTrustedProxy = createProxyTrust(trustProxy);
  const isListed = (request: IncomingMessage, list: readonly OriginPattern[]): boolean => {
    const origin = originOf(request);
    if (origin === undefined) return true;
    const page = parseOrigin(origin);
    // Early SocketCluster clients in Node send the host that they connect to, without a scheme. No browser does.
    if (page === undefined) return origin === request.headers.host && origin !== 'null';
    const reached = reachedAs(request, isTrustedProxy(request.socket.remoteAddress));
    return isOwn(page, reached) || list.some((pattern) => matches(pattern, page));
  };
  return {
    allows: (request) => allowsAll || isListed(request, patterns),
    trustsCookies: (request) => isListed(request, narrow),
  };
}

/** The origin of the page that sends a request. Version 8 of the WebSocket protocol had a separate header for it. */
export function originOf({ headers }: IncomingMessage): string | undefined {
  const early = headers['sec-websocket-origin'];
  return headers.origin ?? (typeof early === 'string' ? early : undefined);
}

/** Returns an entry that pages of third parties can match, for a message; `undefined` if there is none. */
export function broadOrigin(origins: string | readonly string[]): string | undefined {
  return splitEntries(listOf(origins)).find((entry) => isBroad(parsePattern(entry)));
}

function listOf(origins: string | readonly string[]): readonly string[] {
  return typeof origins === 'string' ? [origins] : origins;
}

/** Domains below which all names belong to one network or machine, unlike `com`. */
const privateDomains = new Set([
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'private',
  'test',
]);

/** Whether pages of third parties match: every host, every host of a top-level domain, or pages without an origin. */
function isBroad({ scheme, host, anyLabel, isForAll }: OriginPattern): boolean {
  if (isForAll || host === undefined || scheme === 'null' || scheme === 'file') return true;
  return anyLabel && !host.includes('.') && !privateDomains.has(host);
}

/** Parses the `origins` option. Throws an `Error` that describes the required form of an entry. */
export function parseOrigins(list: readonly string[]): OriginPattern[] {
  return splitEntries(list).map(parsePattern);
}

function splitEntries(list: readonly string[]): string[] {
  return list.flatMap((entry) => entry.trim().split(/\s+/));
}

const schemePart = /^(?:([a-z][a-z0-9+.-]*):\/\/)?/i;
const patternRest = /^(\*\.)?([a-z0-9._~-]+|\[[0-9a-f:]+\]|\*)(?::(\d{1,5}|\*))?\/?$/i;
const pageRest = /^([a-z0-9._~-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i;
const nothing = { host: '', anyLabel: false, port: '', isForAll: false };

function parsePattern(entry: string): OriginPattern {
  if (entry === '*' || entry === '*:*')
    return { scheme: undefined, host: undefined, anyLabel: false, port: undefined, isForAll: true };
  if (entry.toLowerCase() === 'null') return { ...nothing, scheme: 'null' };
  const [prefix, scheme] = schemePart.exec(entry) ?? [''];
  const rest = entry.slice(prefix.length);
  // Pages loaded from files have a scheme only.
  if (scheme !== undefined && rest === '' && !(scheme.toLowerCase() in defaultPorts))
    return { ...nothing, scheme: scheme.toLowerCase() };
  const match = patternRest.exec(rest);
  if (match === null) {
    throw new Error(
      `must list origins such as "https://app.example.com", "https://*.example.com", "http://localhost:*" or "capacitor://localhost"`,
    );
  }
  const [, label, host, port] = match;
  return {
    scheme: scheme?.toLowerCase(),
    host: host === '*' ? undefined : host?.toLowerCase(),
    anyLabel: label !== undefined,
    port: port === '*' ? undefined : (port ?? (scheme === undefined ? undefined : defaultPort(scheme.toLowerCase()))),
    isForAll: false,
  };
}

function parseOrigin(origin: string): Page | undefined {
  if (origin.length > maxOriginLength) return undefined;
  if (origin === 'null') return { scheme: 'null', host: '', port: '' };
  const [prefix, scheme] = schemePart.exec(origin) ?? [''];
  if (scheme === undefined) return undefined;
  const lower = scheme.toLowerCase();
  const rest = origin.slice(prefix.length);
  // For example, `file://` has no host.
  if (rest === '' && !(lower in defaultPorts)) return { scheme: lower, host: '', port: '' };
  const match = pageRest.exec(rest);
  if (match === null) return undefined;
  const [, host = '', port] = match;
  return { scheme: lower, host: host.toLowerCase(), port: port ?? defaultPort(lower) };
}

/** '' for schemes without one. */
function defaultPort(scheme: string): string {
  return defaultPorts[scheme] ?? '';
}

/** The server's address as the browser sees it. */
interface Reached {
  readonly hosts: readonly string[];
  readonly isSecure: boolean;
}

function reachedAs({ headers, socket }: IncomingMessage, isProxyTrusted: boolean): Reached {
  const { host } = headers;
  const isSecure = 'encrypted' in socket;
  const hosts = host === undefined ? [] : [host.toLowerCase()];
  if (!isProxyTrusted) return { hosts, isSecure };
  const forwardedHost = firstOf(headers['x-forwarded-host']);
  const forwardedScheme = firstOf(headers['x-forwarded-proto']);
  if (forwardedHost !== undefined) hosts.push(forwardedHost);
  return {
    hosts,
    isSecure: forwardedScheme === undefined ? isSecure : forwardedScheme === 'https' || forwardedScheme === 'wss',
  };
}

/** The value set by the proxy closest to the browser. */
function firstOf(header: string | readonly string[] | undefined): string | undefined {
  const value = String(header ?? '')
    .split(',')[0]
    ?.trim()
    .toLowerCase();
  return value === '' ? undefined : value;
}

function isOwn({ scheme, host, port }: Page, { hosts, isSecure }: Reached): boolean {
  if (!(scheme in defaultPorts) || (isSecure && scheme !== 'https')) return false;
  return hosts.some((own) => own === `${host}:${port}` || (own === host && port === defaultPort(scheme)));
}

function matches(pattern: OriginPattern, page: Page): boolean {
  if (pattern.isForAll) return true;
  if (pattern.scheme === undefined ? !(page.scheme in defaultPorts) : pattern.scheme !== page.scheme) return false;
  if (pattern.port !== undefined && pattern.port !== page.port) return false;
  if (pattern.host === undefined) return true;
  return pattern.anyLabel ? page.host.endsWith(`.${pattern.host}`) : page.host === pattern.host;
}
