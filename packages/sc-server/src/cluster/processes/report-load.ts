import type { SCServer } from '../../serving/sc-server.js';

const reportIntervalMs = 1_000;

/** Reports how many clients a worker has, when that has changed. Returns a function that stops it. */
export function reportLoad(scServer: SCServer, report: (clients: number) => void): () => void {
  let reported = 0;
  const timer = setInterval(() => {
    const { clientsCount } = scServer;
    if (clientsCount === reported) return;
    reported = clientsCount;
    report(clientsCount);
  }, reportIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
