import type { Server as HttpServer } from 'node:http';

/** How long connections may take to be gone after they were cut. */
const cutTimeMs = 100;

/**
 * Closes an HTTP server that listens: idle connections at once, the others when they end, and what is left after the
 * timeout by `cutUpgrades` and Node's own means. Connections that others have upgraded are theirs, and are not waited for.
 */
export async function closeHttpServer(
  httpServer: HttpServer,
  timeoutMs: number,
  cutUpgrades: () => void,
): Promise<void> {
  const closed = httpServer.listening
    ? new Promise<void>((resolve) => httpServer.close(() => resolve()))
    : Promise.resolve();
  httpServer.closeIdleConnections();
  let timer: NodeJS.Timeout | undefined;
  const cut = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      httpServer.closeAllConnections();
      cutUpgrades();
      timer = setTimeout(resolve, cutTimeMs);
    }, timeoutMs);
  });
  await Promise.race([closed, cut]);
  clearTimeout(timer);
}
