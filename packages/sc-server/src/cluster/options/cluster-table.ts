import { isPeerList } from 'sc-balancer';
import { count, duration, flag, oneOf, text, value, type OptionsOf, type OptionWithDefault } from 'sc-protocol/kit';
import { jsonFromText, listFromText, numberOr } from '../../kit/options/from-text.js';
import { omit } from '../../kit/options/without-undefined.js';
import { serverTable } from '../../server/options.js';
import { userProblem } from '../host/child-user.js';
import type { ProtocolOptions } from './protocol-options.js';
import { sharedStoreTable } from './shared-stores.js';
import { storeTable } from './store-options.js';
import { notSeconds, supervisorTable } from './supervisor-options.js';

/** Declarations of the options that only a cluster has. */
export const ownTable = {
  /** Module that exports `run(worker)`; a relative path starts at the working directory. @default required */
  workerController: text({ check: (path) => (path === '' ? 'must not be empty' : undefined) }),
  /** Module that exports `run(store)`, run in every store process. */
  storeController: text({ check: (path) => (path === '' ? 'must not be empty' : undefined) }),
  /** Data for the store controller, as JSON: its `store.options`. */
  storeOptions: value<unknown>({ fromText: jsonFromText }),
  /**
   * Module that exports `run(balancer)`, run in every balancer process: middleware added with
   * `balancer.addMiddleware()` decides which clients may connect. Only with balancers.
   */
  balancerController: text({ check: (path) => (path === '' ? 'must not be empty' : undefined) }),
  /** Public port; 0 for any free one. */
  port: count({ default: 8000, min: 0, max: 65_535 }),
  /** Address to listen on. @default all addresses */
  host: text(),
  /**
   * Length of the kernel's queue of connections not yet accepted; Linux caps it at `net.core.somaxconn`. In a burst
   * that fills the queue the kernel drops connections that their clients consider open, without notifying any process
   * of the cluster.
   */
  tcpSynBacklog: count({ default: 4096, min: 1 }),
  /** Processes that run the worker controller; `'auto'` for one per core. */
  workers: value<number | 'auto'>({
    default: 'auto',
    check: (value) => (value === 'auto' ? undefined : countProblem(value, 1)),
    fromText: numberOr((text) => text),
  }),
  /** Store processes. @default one per four workers */
  stores: count({ min: 1, max: 256 }),
  /**
   * Processes that accept connections, terminate TLS and relay to the workers. With 0 the workers receive the
   * accepted connections directly.
   * @default `0` for http; half of the workers, at least 1, for https
   */
  balancers: count({ min: 0, max: 256 }),
  /** Whether clients connect with plain HTTP and WebSocket, or with TLS. */
  protocol: oneOf(['http', 'https'], { default: 'http' }),
  /**
   * Options of Node's `https.createServer` (key, cert, passphrase, …) and `serverNames`, certificates by server name
   * (`{ '*.example.com': { key, cert } }`). Required for https. A function that returns them is called at the start,
   * on SIGHUP, and when one of `protocolFiles` changes, so that a renewed certificate is used without dropping a
   * connection. Callbacks such as `SNICallback` are refused, because they cannot be sent between processes.
   */
  protocolOptions: value<ProtocolOptions | (() => ProtocolOptions)>({
    check: (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null)
        ? undefined
        : 'must be an object or a function that returns one',
    secret: true,
    parts: [
      { name: 'key', type: 'text' },
      { name: 'cert', type: 'text' },
      { name: 'ca', type: 'text' },
      { name: 'passphrase', type: 'text' },
      { name: 'pfx', type: 'bytes' },
    ],
  }),
  /**
   * Files to watch; when one changes, `protocolOptions`, which must be a function, is called again. They are checked
   * twice a second, and must be stable for one interval. List all files that belong together, so that a key and its
   * certificate are read after both were written.
   * @default none
   */
  protocolFiles: value<readonly string[]>({
    default: [],
    check: (value) =>
      Array.isArray(value) && value.every((file) => typeof file === 'string') ? undefined : 'must be an array of paths',
  }),
  /**
   * Time for which one key encrypts TLS session tickets, in milliseconds; it decrypts them for as long again. All
   * processes share the keys, so a client can resume its session in any of them. 0 disables rotation. Keys set in
   * `protocolOptions.ticketKeys` are not rotated.
   */
  ticketKeyLifetime: count({ default: 3_600_000, min: 0, max: 2_147_483_647 }),
  /**
   * New connections per second from one address, on average, with a burst of twice that; 0 disables the limit. An
   * IPv6 network of 64 bits counts as one address. Clients behind `trustedPeers` count by their forwarded address,
   * at each balancer.
   */
  connectsPerSecondPerAddress: count({ default: 0, min: 0 }),
  /**
   * Maximum number of open connections from one address at each balancer; 0 disables the limit. An IPv6 network of
   * 64 bits counts as one address. Only with balancers.
   */
  maxConnectionsPerAddress: count({ default: 0, min: 0 }),
  /**
   * Addresses and networks (`10.0.0.0/8`) of load balancers in front of this host. Their connections must begin with
   * a PROXY protocol header, version 1 or 2, which is trusted. Only with balancers.
   * @default none
   */
  trustedPeers: value<readonly string[]>({
    default: [],
    fromText: listFromText,
    check: (value) =>
      isPeerList(value) ? undefined : 'must be an array of addresses and networks such as "10.0.0.0/8"',
  }),
  /**
   * Port on which the supervisor answers `GET /healthz` (liveness) and `GET /readyz` (200, or 503 with the reasons while
   * the cluster starts or stops, no worker accepts connections, or a store is unavailable), and `GET /metrics`
   * ([metrics](metrics.md)); 0 for any free port. Do not expose it to the public.
   */
  healthPort: count({ min: 0, max: 65_535 }),
  /** Address that `healthPort` listens on; `'0.0.0.0'` if probes or collectors come from other machines. */
  healthHost: text({ default: '127.0.0.1' }),
  /**
   * Port of the [HTTP API](guide/deployment.md#http-api), served by a separate process; 0 for any free port. Needs
   * `adminToken`. Do not expose it to the public.
   */
  adminPort: count({ min: 0, max: 65_535 }),
  /** Address that `adminPort` listens on; `'0.0.0.0'` if operators or back ends come from other machines. */
  adminHost: text({ default: '127.0.0.1' }),
  /** Token of at least 16 characters that every request to `adminPort` must carry. */
  adminToken: text({
    check: (token) =>
      /^[!-~]{16,512}$/.test(token) ? undefined : 'must be 16 to 512 printable characters without spaces',
    secret: true,
  }),
  /** Name of this cluster in logs and socket paths. */
  appName: text({
    default: 'socketcluster',
    check: (name) => (/^[\w.-]{1,64}$/.test(name) ? undefined : 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  }),
  /**
   * Whether a crashed process is replaced. With `false` the cluster exits with code 1 when no process of a kind is
   * left.
   */
  rebootWorkerOnCrash: flag({ default: true }),
  /** Whether SIGUSR2 reloads the workers one by one. */
  rebootOnSignal: flag({ default: true }),
  /**
   * Memory of a worker (resident set size, in bytes) above which it is replaced as in a reload; 0 disables the
   * limit.
   */
  killWorkerMemoryThreshold: count({ default: 0, min: 0 }),
  /** User, by name or number, that the child processes run as. The supervisor must be root. */
  downgradeToUser: value<string | number | false>({
    default: false,
    check: userProblem,
    fromText: numberOr((text) => (text === 'false' ? false : text)),
  }),
  /** Time limit for a process to become ready. */
  readyTimeout: duration({ default: 30_000, check: notSeconds }),
  /** Time limit for a process to exit before it is killed. */
  processTermTimeout: duration({ default: 10_000, check: notSeconds }),
  /**
   * Period over which SIGTERM and `drain()` disconnect the clients gradually; 0 disconnects all at once. With
   * several hosts behind one address, a few seconds keep the clients of this host from reconnecting to the others
   * all at once. The stop timeout of the service manager must be longer than this plus `processTermTimeout`:
   * `TimeoutStopSec` in systemd, `terminationGracePeriodSeconds` in Kubernetes.
   */
  drainTime: duration({ default: 0, allowZero: true, check: (value) => (value === 0 ? undefined : notSeconds(value)) }),
  /**
   * Debugger port of worker 0, on the loopback interface; each further worker uses the next port. While a worker is
   * being replaced, the old one still holds the port.
   */
  workerDebugPort: count({ min: 1024, max: 65_535 }),
  /** Debugger port of store 0; each further store uses the next port. */
  storeDebugPort: count({ min: 1024, max: 65_535 }),
  /** Minimum severity of log entries: `silent`, `error`, `warn`, `info`, `debug`, or the original's 0 to 3. */
  logLevel: oneOf(['silent', 'error', 'warn', 'info', 'debug', 0, 1, 2, 3], { default: 'info' }),
  /** Receives the central log instead of stdout and stderr. */
  logger: serverTable.logger,
  channels: serverTable.channels,
  ...supervisorTable,
  ...storeTable,
  ...sharedStoreTable,
};

/** Server options passed to every worker. Worker controllers set the options that cannot be sent between processes. */
export const sharedTable = omit(serverTable, ['store', 'channels', 'logger', 'codecEngine', 'codecs', 'authEngine']);

/** Declarations of all options of a cluster. */
export const clusterTable: typeof sharedTable & typeof ownTable = {
  ...sharedTable,
  ...ownTable,
  ackTimeout: inMilliseconds(sharedTable.ackTimeout),
  pingInterval: inMilliseconds(sharedTable.pingInterval),
  pingTimeout: inMilliseconds(sharedTable.pingTimeout),
  handshakeTimeout: inMilliseconds(sharedTable.handshakeTimeout),
};

/** Server options that are passed to every worker unchanged. */
export type SharedServerOptions = OptionsOf<typeof sharedTable>;

/** Options of `new SocketCluster()`. Times are in milliseconds. */
export interface SocketClusterOptions extends OptionsOf<typeof clusterTable> {
  workerController: string;
}

/** Declares a time that was in seconds in the launchers of earlier versions. */
function inMilliseconds(option: OptionWithDefault<number>): OptionWithDefault<number> {
  return duration({ default: option.default, check: notSeconds });
}

function countProblem(value: unknown, min: number): string | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= 256;
  return fits ? undefined : `must be 'auto' or a whole number from ${min} to 256`;
}
