import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Adds a `Set-Cookie` header to a response when its head is written, beside those of the application: frameworks
 * replace what was set before, so it has to come last.
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

/** The headers with the cookie in them; `undefined` when they say nothing of cookies and may stay as they are. */
function withCookie(headers: OutgoingHttpHeaders | unknown[], cookie: string): unknown {
  if (Array.isArray(headers)) {
    // Either pairs, or names and values in turn.
    return Array.isArray(headers[0]) ? [...headers, ['Set-Cookie', cookie]] : [...headers, 'Set-Cookie', cookie];
  }
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'set-cookie');
  return name === undefined ? undefined : { ...headers, [name]: [headers[name] ?? [], cookie].flat() };
}
