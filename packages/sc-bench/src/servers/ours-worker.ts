import type { AddressInfo } from 'node:net';
import type { SCWorker } from 'sc-server';

/** The worker controller of the cluster under test. */
export function run(worker: SCWorker): void {
  worker.scServer.on('connection', (socket) => {
    socket.on('echo', (data, respond) => respond(null, data));
  });
  const { SC_BENCH_SOCKET: path } = process.env;
  if (path !== undefined) {
    worker.httpServer.listen({ path, backlog: 4096 }, () => worker.sendToMaster({ benchPort: 0 }));
    return;
  }
  worker.httpServer.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    worker.sendToMaster({ benchPort: (worker.httpServer.address() as AddressInfo).port });
  });
}
