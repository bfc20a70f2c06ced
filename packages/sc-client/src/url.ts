import type { Query, ResolvedOptions } from './options.js';
import type { Platform } from './platform.js';

/** Target of the connection. */
export interface Target {
  readonly url: string;
  /** Host and port as in the URL. */
  readonly host: string;
}

/**
 * Builds the URL; the page's own origin supplies missing options. Uses string operations only, because React Native has
 * an incomplete `URL`.
 */
export function targetOf(options: ResolvedOptions, { location }: Pick<Platform, 'location'>): Target {
  // React Native and some workers have a location without a host.
  const { hostname = location?.hostname || 'localhost', path, query = '' } = options;
  const secure = options.secure ?? location?.protocol === 'https:';
  const port = options.port ?? (options.hostname === undefined && location?.port);
  // An IPv6 address may be given without brackets.
  const address = options.host ?? hostname.replace(/^[^[]*:.*/, '[$&]') + (port ? `:${port}` : '');
  const search = typeof query === 'string' ? query.replace(/^\?/, '') : queryText(query);
  const whole = options.url ?? `ws${secure ? 's' : ''}://${address}`;
  const [, s = '', host = '', rest = ''] = /^(?:ws|http)(s?):\/\/([^/?#]*)(.*)$/.exec(whole) ?? [];
  return { url: `ws${s}://${host}${rest.replace(/^\/?(?=\?|$)/, () => path)}${search && `?${search}`}`, host };
}

function queryText(query: Query): string {
  return Object.entries(query)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one].map(encodeURIComponent).join('=')))
    .join('&');
}
