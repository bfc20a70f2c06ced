import type { AddressInfo } from 'node:net';
import type { SCWorker } from 'sc-server';

/** The worker controller of the cluster under test. */
export function run(worker: SCWorker): void {
  worker.scServer.on('connection', (socket) => {
    socket.on('echo', (data, respond) => respond(null, data));
  });
  worker.httpServer.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    worker.sendToMaster({ benchPort: (worker.httpServer.address() as AddressInfo).port });
  });
}
