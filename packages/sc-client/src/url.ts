import { requireRule } from 'sc-protocol/options';
import type { ClientOptions, ResolvedOptions } from './options.js';
import type { Platform } from './platform.js';

/** Where the socket connects to. */
export interface Target {
  readonly url: string;
  /** Host and port as the URL has them. */
  readonly host: string;
}

/** Puts the URL together; where options are silent, the page's own origin counts. */
export function targetOf(options: ResolvedOptions, platform: Platform): Target {
  const { location } = platform;
  if (options.url !== undefined) {
    const url = new URL(options.url);
    const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss' : 'ws';
    const path = url.pathname === '/' ? options.path : url.pathname;
    return { url: `${scheme}://${url.host}${path}${url.search}`, host: url.host };
  }
  const secure = options.secure ?? location?.protocol === 'https:';
  const scheme = secure ? 'wss' : 'ws';
  const host = options.host ?? hostOf(options, location, secure);
  // Spelled as the URL would spell it, without the default port of the scheme.
  const address = parseUrl(`${scheme}://${host}`)?.host ?? '';
  requireRule(address !== '', 'hostname', 'a host name', host);
  const search = queryText(options.query);
  return { url: `${scheme}://${address}${options.path}${search === '' ? '' : `?${search}`}`, host: address };
}

function hostOf(options: ResolvedOptions, location: Platform['location'], secure: boolean): string {
  const hostname = options.hostname ?? location?.hostname ?? 'localhost';
  const isPage = location !== undefined && options.hostname === undefined;
  const port = options.port ?? (isPage && location.port !== '' ? Number(location.port) : secure ? 443 : 80);
  const isBareIpv6 = hostname.includes(':') && !hostname.startsWith('[');
  return `${isBareIpv6 ? `[${hostname}]` : hostname}:${port}`;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function queryText(query: ClientOptions['query']): string {
  if (query === undefined) return '';
  if (typeof query === 'string') return query.replace(/^\?/, '');
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      parameters.append(name, String(one));
    }
  }
  return parameters.toString();
}
