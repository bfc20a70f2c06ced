import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Adds a `Set-Cookie` header to those of the application when the response head is written: frameworks replace headers
 * that were set before, so it has to be added last.
 */
export function appendCookie(response: ServerResponse, cookie: string): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null);
    const given = at === -1 ? undefined : withCookie(args[at] as OutgoingHttpHeaders | unknown[], cookie);
    if (given === undefined) response.appendHeader('Set-Cookie', cookie);
    else args[at] = given;
    return writeHead(...args);
  };
}

/** Adds the cookie to the headers passed to `writeHead`; `undefined` if they contain no cookie and need no change. */
function withCookie(headers: OutgoingHttpHeaders | unknown[], cookie: string): unknown {
  if (Array.isArray(headers)) {
    // Either pairs, or a flat list of names and values.
    return Array.isArray(headers[0]) ? [...headers, ['Set-Cookie', cookie]] : [...headers, 'Set-Cookie', cookie];
  }
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'set-cookie');
  return name === undefined ? undefined : { ...headers, [name]: [headers[name] ?? [], cookie].flat() };
}
