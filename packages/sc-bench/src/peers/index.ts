import { eventFrames, handshake, socketIoFrames, textHeartbeats } from './frames.js';
import type { Peer } from './peer.js';

/** The server to which all ratios are relative. */
export const reference: Peer = {
  ...eventFrames,
  name: 'ws-raw',
  title: 'ws, by hand',
  server: 'ws-raw.js',
  path: '/',
  heartbeats: [],
  open: [handshake()],
};

/** sc-server in one process. */
export const ourPeer: Peer = {
  ...eventFrames,
  name: 'sc-server',
  title: 'sc-server',
  server: 'ours.js',
  path: '/socketcluster/',
  heartbeats: textHeartbeats,
  open: [handshake({ name: 'sc-bench', version: '1.0.0' })],
};

const socketIo: Peer = {
  ...socketIoFrames,
  name: 'socket.io',
  title: 'socket.io 4',
  server: 'socket-io.js',
  path: '/socket.io/?EIO=4&transport=websocket',
  heartbeats: [{ ping: '2', pong: '3' }],
  open: [{ awaitFrames: 1 }, { send: '40', awaitFrames: 1 }],
};

const socketCluster20: Peer = {
  ...ourPeer,
  name: 'socketcluster-20',
  title: 'SocketCluster 20',
  server: 'sc20.js',
  open: [handshake()],
};

const socketCluster14: Peer = {
  ...socketCluster20,
  name: 'socketcluster-14',
  title: 'SocketCluster 14',
  server: 'sc14.js',
};

/** The peers of single-process workloads. */
export function singleProcessPeers({ uws, build }: { uws?: string | undefined; build?: string | undefined }): Peer[] {
  const peers = [reference, ourPeer, socketIo, socketCluster20, socketCluster14];
  if (uws !== undefined) {
    peers.push({ ...reference, name: 'uws', title: 'uWebSockets', server: 'uws.js', env: { SC_BENCH_UWS: uws } });
  }
  if (build !== undefined) {
    peers.push({ ...ourPeer, name: 'other-build', title: 'sc-server, other build', env: { SC_BENCH_BUILD: build } });
  }
  return peers;
}

/** The peers of workloads with two workers, where publisher and subscribers connect to different workers. */
export function clusterPeers({ build }: { build?: string | undefined } = {}): Peer[] {
  const ours: Peer = {
    ...ourPeer,
    name: 'sc-server-cluster',
    title: 'sc-server, 2 workers, 1 store',
    server: 'ours-cluster.js',
  };
  const peers: Peer[] = [
    { ...socketIo, name: 'socket.io-cluster', title: 'socket.io 4, cluster adapter', server: 'socket-io-cluster.js' },
    ours,
  ];
  if (build !== undefined) {
    const env = { SC_BENCH_BUILD: build };
    peers.push({ ...ours, name: 'other-build-cluster', title: `${ours.title}, other build`, env });
  }
  return peers;
}

/** The peers that terminate TLS in the serving process. */
export function tlsPeers(): Peer[] {
  return [
    { ...reference, name: 'ws-raw-tls', title: 'ws, by hand, with TLS' },
    { ...ourPeer, name: 'sc-server-tls', title: 'sc-server, TLS in the worker' },
  ];
}

const oneWorker = { SC_BENCH_WORKERS: '1' };

/** One worker behind one balancer that terminates TLS. */
const balancerPeer: Peer = {
  ...ourPeer,
  name: 'sc-server-balancer',
  title: 'sc-server, TLS in the balancer',
  server: 'ours-cluster.js',
  env: { ...oneWorker, SC_BENCH_BALANCERS: '1' },
};

/** One worker that gets its connections by hand-off and terminates TLS itself. */
const handOffPeer: Peer = { ...balancerPeer, name: 'sc-server-hand-off', title: 'sc-server, hand-off', env: oneWorker };

/** A server behind a proxy that terminates TLS. */
function behind(proxy: 'nginx' | 'haproxy', peer: Peer): Peer {
  return {
    ...peer,
    name: `${proxy}-${peer.name.replace('-balancer', '')}`,
    title: `${proxy === 'nginx' ? 'nginx' : 'HAProxy'} before ${peer.name === 'ws-raw' ? 'ws, by hand' : 'the same worker'}`,
    server: 'behind-proxy.js',
    env: { ...oneWorker, SC_BENCH_PROXY: proxy, SC_BENCH_BEHIND: peer.server },
  };
}

/**
 * nginx in front of the minimal `ws` server, then all TLS terminators in front of the same worker. The first peer is
 * the reference.
 */
export function balancerPeers(): Peer[] {
  return [
    behind('nginx', reference),
    behind('nginx', balancerPeer),
    behind('haproxy', balancerPeer),
    balancerPeer,
    handOffPeer,
  ];
}
