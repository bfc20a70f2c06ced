/**
 * The path of a request target, without its query: of origin form (`/a?b`) and of absolute form (`http://host/a?b`,
 * RFC 9112 §3.2.2), which a server must accept. `undefined` for the other forms.
 */
export function pathOf(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  const path = target.startsWith('/') ? target : /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  if (path === undefined) return undefined;
  const end = path.search(/[?#]/);
  const pathname = end === -1 ? path : path.slice(0, end);
  return pathname === '' ? '/' : pathname;
}

/** Adds the trailing slash, which a client may omit. */
export function withFinalSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
