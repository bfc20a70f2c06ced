import { NdataClient, NdataClusterClient, NdataServer, NdataStore } from '../../src/index.js';
import type { NdataServerOptions, Store, StoreController, StoreOptions } from '../../src/index.js';
import { TempFolders } from './temp-folder.js';

export interface OpenStore {
  readonly store: NdataStore | NdataClient | NdataClusterClient;
  /** A second client of the same store; the same one for a store in this process. */
  readonly other: Store;
  readonly controllers: readonly StoreController[];
  close(): Promise<void>;
}

const secret = 'a secret of more than thirty-two bytes';

async function serve(
  all: readonly NdataServerOptions[],
  connect: (servers: readonly NdataServer[]) => NdataClient | NdataClusterClient,
): Promise<OpenStore> {
  const servers = all.map((options) => new NdataServer(options));
  // Faults that tests cause on purpose are not for the console.
  for (const server of servers) server.on('error', () => undefined);
  await Promise.all(servers.map((server) => server.listen()));
  const store = connect(servers);
  const other = connect(servers);
  return {
    store,
    other,
    controllers: servers.map((server) => server.store),
    close: async () => {
      await store.close();
      await other.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Every way to reach a store, by what a test run calls it. */
export const storeKinds: readonly [name: string, open: (options?: StoreOptions) => Promise<OpenStore>][] = [
  [
    'a store in this process',
    async (options = {}) => {
      const store = new NdataStore(options);
      return { store, other: store, controllers: [store.controller], close: () => store.close() };
    },
  ],
  [
    'a store behind a unix socket',
    async (options = {}) => {
      const folders = new TempFolders();
      const socketPath = folders.socketPath();
      const open = await serve([{ ...options, socketPath }], () => new NdataClient({ socketPath }));
      return { ...open, close: () => open.close().finally(() => folders.remove()) };
    },
  ],
  [
    'a store behind TCP with a secret',
    (options = {}) =>
      serve([{ ...options, port: 0, secret }], ([server]) => {
        const { port } = server!.address as { port: number };
        return new NdataClient({ port, secret });
      }),
  ],
  [
    'a cluster of three stores',
    async (options = {}) => {
      const folders = new TempFolders();
      const shards = ['a.sock', 'b.sock', 'c.sock'].map((name) => ({ socketPath: folders.socketPath(name) }));
      const open = await serve(
        shards.map((shard) => ({ ...options, ...shard })),
        () => new NdataClusterClient({ shards }),
      );
      return { ...open, close: () => open.close().finally(() => folders.remove()) };
    },
  ],
];
