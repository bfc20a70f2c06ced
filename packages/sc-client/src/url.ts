import { requireRule } from 'sc-protocol/options';
import type { Query, ResolvedOptions } from './options.js';
import type { Platform } from './platform.js';

/** Where the socket connects to. */
export interface Target {
  readonly url: string;
  /** Host and port as the URL has them. */
  readonly host: string;
}

/**
 * Puts the URL together; where options are silent, the page's own origin counts. Made of text alone: React Native has
 * an incomplete `URL`.
 */
export function targetOf(options: ResolvedOptions, { location }: Pick<Platform, 'location'>): Target {
  const { hostname = location?.hostname ?? 'localhost', path, query = '' } = options;
  const secure = options.secure ?? location?.protocol === 'https:';
  const port = options.port ?? (options.hostname === undefined ? location?.port : '') ?? '';
  const isBareIpv6 = /^[^[]*:/.test(hostname);
  const address = options.host ?? `${isBareIpv6 ? `[${hostname}]` : hostname}:${port}`;
  const search = typeof query === 'string' ? query.replace(/^\?/, '') : queryText(query);
  const whole = options.url ?? `${secure ? 'wss' : 'ws'}://${address}${path}${search && `?${search}`}`;
  const [, s = '', given = '', rest = ''] = /^(?:ws|http)(s?):\/\/([^\s/?#]+)([/?#].*)?$/.exec(whole) ?? [];
  requireRule(given !== '', options.url === undefined ? 'hostname' : 'url', 'a host name', options.url ?? address);
  // Spelled as the URL would spell it, without the default port of the scheme.
  const host = given.replace(s ? /:(443)?$/ : /:(80)?$/, '');
  return { url: `ws${s}://${host}${rest.replace(/^\/?(?=\?|$)/, () => path)}`, host };
}

function queryText(query: Query): string {
  return Object.entries(query)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one].map(encodeURIComponent).join('=')))
    .join('&');
}
