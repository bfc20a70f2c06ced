import type { Server as HttpServer } from 'node:http';

const isOwn = Symbol.for('sc-server.ownListener');

/** Marks a listener of this package, which never answers in place of the application. */
export function markOwn<Listener extends (...details: never[]) => void>(listener: Listener): Listener {
  return Object.assign(listener, { [isOwn]: true });
}

/** Whether the application has a `request` listener of its own. */
export function servesRequests(httpServer: HttpServer): boolean {
  return hasForeignListener(httpServer, 'request');
}

/** Whether the application listens to this event of the HTTP server. */
export function hasForeignListener(httpServer: HttpServer, event: string): boolean {
  return httpServer.listeners(event).some((listener) => !(isOwn in listener));
}
