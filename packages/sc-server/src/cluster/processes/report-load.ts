import type { SCServer } from '../../serving/sc-server.js';

const reportIntervalMs = 1_000;

export interface WorkerLoad {
  readonly clients: number;
  readonly overloaded: boolean;
}

/** Reports how many clients a worker has and whether it takes more, when that has changed. Returns a function that stops it. */
export function reportLoad(scServer: SCServer, report: (load: WorkerLoad) => void): () => void {
  let reported: WorkerLoad = { clients: 0, overloaded: false };
  const timer = setInterval(() => {
    const { clients, overloaded } = scServer.stats();
    if (clients === reported.clients && overloaded === reported.overloaded) return;
    reported = { clients, overloaded };
    report(reported);
  }, reportIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
