/**
 * Code that a block may use without defining it, by the name after `on=` on its fence. It is compiled in front of the
 * block.
 */
export const contexts: Readonly<Record<string, string>> = {
  /** A launcher that needs files which do not exist: compiled, but not run. */
  launcher: '',
  client: `
    import type { SCClientSocket } from 'sc-client';
    declare const socket: SCClientSocket;`,
  worker: `
    import type { Exchange, SCServer, SCSocket, SCWorker } from 'sc-server';
    import type { Server } from 'node:http';
    declare const worker: SCWorker;
    declare const scServer: SCServer;
    declare const httpServer: Server;
    declare const exchange: Exchange;
    declare const socket: SCSocket;`,
  server: `
    import type { SCServer } from 'sc-server';
    declare const scServer: SCServer;`,
  cluster: `
    import type { SocketCluster } from 'sc-server';
    declare const cluster: SocketCluster;`,
  controller: `
    import type { StoreController } from 'ndata-store';
    declare const store: StoreController;`,
  store: `
    import type { Store } from 'ndata-store';
    declare const store: Store;`,
};
