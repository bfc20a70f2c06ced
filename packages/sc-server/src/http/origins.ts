/** An origin check: is a page from `origin` allowed on a server that was reached as `host`? */
export type OriginCheck = (origin: string | undefined, host: string | undefined) => boolean;

interface OriginPattern {
  /** `undefined` for any. */
  readonly scheme: string | undefined;
  /** Exact host, or the part after `*.` when `anyLabel`. */
  readonly host: string | undefined;
  readonly anyLabel: boolean;
  readonly port: string | undefined;
}

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Makes the check. A request without Origin does not come from a browser page and is allowed; `null`, `file://` and
 * anything that does not parse are refused unless everything is allowed.
 */
export function createOriginCheck(origins: string | readonly string[]): OriginCheck {
  const patterns = parseOrigins(listOf(origins));
  const allowsAll = patterns.some(isForAll);
  return (origin, host) => {
    if (origin === undefined || allowsAll) return true;
    const page = parseOrigin(origin);
    // Early SocketCluster clients in Node name the host that they call, without a scheme. No browser does.
    if (page === undefined) return origin === host && origin !== 'null';
    if (host !== undefined && isOwn(page, host)) return true;
    return patterns.some((pattern) => matches(pattern, page));
  };
}

/** Whether pages of every origin are allowed. */
export function allowsAllOrigins(origins: string | readonly string[]): boolean {
  return parseOrigins(listOf(origins)).some(isForAll);
}

function listOf(origins: string | readonly string[]): readonly string[] {
  return typeof origins === 'string' ? [origins] : origins;
}

function isForAll({ scheme, host, port }: OriginPattern): boolean {
  return scheme === undefined && host === undefined && port === undefined;
}

/** Reads the `origins` option. Throws an `Error` that says which entry cannot be read. */
export function parseOrigins(list: readonly string[]): OriginPattern[] {
  return list.flatMap((entry) => entry.trim().split(/\s+/)).map(parsePattern);
}

interface Page {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

function parsePattern(entry: string): OriginPattern {
  if (entry === '*' || entry === '*:*') return { scheme: undefined, host: undefined, anyLabel: false, port: undefined };
  const match = /^(?:(https?):\/\/)?(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\]|\*)(?::(\d{1,5}|\*))?\/?$/i.exec(entry);
  if (match === null) {
    throw new Error(
      `must list origins such as "https://app.example.com", "https://*.example.com" or "http://localhost:*"`,
    );
  }
  const [, scheme, label, host, port] = match;
  return {
    scheme: scheme?.toLowerCase(),
    host: host === '*' ? undefined : host?.toLowerCase(),
    anyLabel: label !== undefined,
    port: port === '*' ? undefined : (port ?? (scheme === undefined ? undefined : defaultPorts[scheme.toLowerCase()])),
  };
}

function parseOrigin(origin: string): Page | undefined {
  if (origin.length > 300) return undefined;
  const match = /^(https?):\/\/([a-z0-9._-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(origin);
  if (match === null) return undefined;
  const [, scheme = '', host = '', port] = match;
  const lower = scheme.toLowerCase();
  return { scheme: lower, host: host.toLowerCase(), port: port ?? defaultPorts[lower] ?? '' };
}

/** The page came from the very host and port that the request was sent to. */
function isOwn(page: Page, host: string): boolean {
  const own = host.toLowerCase();
  return own === `${page.host}:${page.port}` || (own === page.host && page.port === defaultPorts[page.scheme]);
}

function matches(pattern: OriginPattern, page: Page): boolean {
  if (pattern.scheme !== undefined && pattern.scheme !== page.scheme) return false;
  if (pattern.port !== undefined && pattern.port !== page.port) return false;
  if (pattern.host === undefined) return true;
  return pattern.anyLabel ? page.host.endsWith(`.${pattern.host}`) : page.host === pattern.host;
}
