import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { isPeerList } from 'sc-balancer';
import { InvalidOptionsError } from 'sc-protocol';
import { parseLogLevel, type LogThreshold } from '../../log/entry.js';
import type { Logger } from '../../log/logger.js';
import { checkOptions, type Rules } from '../../kit/options/check.js';
import { readEnvironment, withoutSecretVariables } from '../../kit/options/environment.js';
import { jsonFromText, listFromText, numberOr } from '../../kit/options/from-text.js';
import { omit, withoutUndefined } from '../../kit/options/without-undefined.js';
import { generateAuthKey } from '../../auth/keys.js';
import { checkAuthCookie, checkTimes, hasAuthKey, serverDefaults, serverRules } from '../../server/options.js';
import { checkHttpTimes, httpSettings } from '../../server/http-timeouts.js';
import { findChildUser, userProblem } from '../host/child-user.js';
import { checkProtocol, readAgain, type ProtocolOptions } from './protocol-options.js';
import { renamedOptions } from './renamed.js';
import type { ResolvedClusterOptions, SharedServerOptions } from './resolved-options.js';
import {
  resolveSupervisorOptions,
  supervisorDefaults,
  supervisorRules,
  type SupervisorOptions,
} from './supervisor-options.js';
import { checkDebugPort, refuseWithoutBalancers } from './option-pairs.js';
import { resolveStoreOptions, storeDefaults, storeRules, type StoreOptions } from './store-options.js';

/** Options of `new SocketCluster()`. Times are in milliseconds. */
export interface SocketClusterOptions extends SharedServerOptions, SupervisorOptions, StoreOptions {
  /** Module that exports `run(worker)`; a relative path starts at the working directory. */
  workerController: string;
  /** Module that exports `run(store)`, run in every store process. @default none */
  storeController?: string;
  /** Data for the store controller, as JSON: its `store.options`. */
  storeOptions?: unknown;
  /**
   * Module that exports `run(balancer)`, run in every balancer: `balancer.addMiddleware()` can refuse clients. @default
   * none
   */
  balancerController?: string;
  /** Public port; 0 for any free one. @default 8000 */
  port?: number;
  /** Address to listen on. @default all addresses */
  host?: string;
  /** Length of the kernel's queue of connections not yet accepted. @default 4096 */
  tcpSynBacklog?: number;
  /** Processes that run the worker controller; `'auto'` for one per core. @default 'auto' */
  workers?: number | 'auto';
  /** Store processes. @default one per four workers */
  stores?: number;
  /**
   * Processes that accept connections, terminate TLS and relay to the workers. With 0, workers receive the accepted
   * connections directly. @default 0 for http; half of the workers, at least 1, for https
   */
  balancers?: number;
  /** Whether clients connect with plain HTTP and WebSocket, or with TLS. @default 'http' */
  protocol?: 'http' | 'https';
  /**
   * Options of Node's `https.createServer` (key, cert, passphrase, …) and `serverNames`, certificates by server name.
   * Required for https. A function that returns them is called at the start, on SIGHUP, and when one of `protocolFiles`
   * changes, so that a renewed certificate is used without dropping a connection.
   */
  protocolOptions?: ProtocolOptions | (() => ProtocolOptions);
  /**
   * Files that are watched; on a change, `protocolOptions`, which must be a function, is called again. @default none
   */
  protocolFiles?: readonly string[];
  /**
   * Time for which one key encrypts TLS session tickets, in milliseconds; it decrypts them for as long again. All
   * processes share the keys. 0 disables rotation. @default 3600000
   */
  ticketKeyLifetime?: number;
  /**
   * New connections per second from one address, on average, with a burst of twice that; 0 disables the limit. An IPv6
   * network of 64 bits counts as one address. Clients behind `trustedPeers` count by their forwarded address. @default
   * 0
   */
  connectsPerSecondPerAddress?: number;
  /** Open connections of one address at each balancer, counted likewise; 0 disables the limit. @default 0 */
  maxConnectionsPerAddress?: number;
  /**
   * Addresses and networks (`10.0.0.0/8`) of load balancers in front of this host. Their connections must begin with a
   * PROXY header, version 1 or 2, which is trusted. Only with balancers. @default none
   */
  trustedPeers?: readonly string[];
  /**
   * Port on which the supervisor answers `GET /healthz` and `GET /readyz`; 0 for any free one. Keep it private.
   * @default none
   */
  healthPort?: number;
  /** Address that `healthPort` listens on; `'0.0.0.0'` if probes come from other machines. @default '127.0.0.1' */
  healthHost?: string;
  /** Name of this cluster in logs and socket paths. @default 'socketcluster' */
  appName?: string;
  /** Whether a crashed process is replaced. @default true */
  rebootWorkerOnCrash?: boolean;
  /** Whether SIGUSR2 reloads the workers one by one. @default true */
  rebootOnSignal?: boolean;
  /** Memory (resident set, bytes) above which a worker is replaced as in a reload; 0 disables the limit. @default 0 */
  killWorkerMemoryThreshold?: number;
  /** User, by name or number, that the child processes run as. The supervisor must be root. @default false */
  downgradeToUser?: string | number | false;
  /** Time limit for a process to become ready. @default 30000 */
  readyTimeout?: number;
  /** Time limit for a process to exit before it is killed. @default 10000 */
  processTermTimeout?: number;
  /**
   * Period over which SIGTERM and `drain()` disconnect the clients gradually; 0 disconnects all at once. The stop
   * timeout of the service manager must be longer than this plus `processTermTimeout`. @default 0
   */
  drainTime?: number;
  /**
   * Debugger port of worker 0, on the loopback interface; each further worker uses the next port. While a worker is
   * being replaced, the old one still holds the port. @default none
   */
  workerDebugPort?: number;
  /** Debugger port of store 0; each further store uses the next port. @default none */
  storeDebugPort?: number;
  /** Minimum severity: `silent`, `error`, `warn`, `info`, `debug`, or the original's 0 to 3. @default 'info' */
  logLevel?: LogThreshold | 0 | 1 | 2 | 3;
  /** Receives the central log instead of stdout and stderr. */
  logger?: Logger;
}

/** Options whose unit was seconds in earlier versions; smaller values are likely a mistake. */
const leastMilliseconds = 100;

const notSeconds = (value: number): string | undefined =>
  value < leastMilliseconds
    ? `is in milliseconds and must be at least ${leastMilliseconds}; write ${value * 1000} for ${value} seconds`
    : undefined;

/** Options that cannot be sent between processes are not options of the cluster. */
const sharedRules = omit(serverRules, ['store', 'codecEngine', 'codecs', 'authEngine', 'channels']);

/** The rule of each option. */
export const clusterRules: Rules<SocketClusterOptions> = {
  ...sharedRules,
  ...supervisorRules,
  ...storeRules,
  channels: serverRules.channels,
  ackTimeout: { type: 'duration', check: notSeconds },
  pingInterval: { type: 'duration', check: notSeconds },
  pingTimeout: { type: 'duration', check: notSeconds },
  handshakeTimeout: { type: 'duration', check: notSeconds },
  workerController: { type: 'string', check: (path) => (path === '' ? 'must not be empty' : undefined) },
  storeController: { type: 'string', check: (path) => (path === '' ? 'must not be empty' : undefined) },
  storeOptions: { type: 'any', fromText: jsonFromText },
  balancerController: { type: 'string', check: (path) => (path === '' ? 'must not be empty' : undefined) },
  connectsPerSecondPerAddress: { type: 'count', min: 0 },
  maxConnectionsPerAddress: { type: 'count', min: 0 },
  trustedPeers: {
    type: 'any',
    fromText: listFromText,
    check: (value) =>
      isPeerList(value) ? undefined : 'must be an array of addresses and networks such as "10.0.0.0/8"',
  },
  killWorkerMemoryThreshold: { type: 'count', min: 0 },
  downgradeToUser: {
    type: 'any',
    check: userProblem,
    fromText: numberOr((text) => (text === 'false' ? false : text)),
  },
  port: { type: 'count', min: 0, max: 65_535 },
  host: { type: 'string' },
  healthPort: { type: 'count', min: 0, max: 65_535 },
  healthHost: { type: 'string' },
  tcpSynBacklog: { type: 'count', min: 1 },
  workers: {
    type: 'any',
    check: (value) => (value === 'auto' ? undefined : countProblem(value, 1)),
    fromText: numberOr((text) => text),
  },
  stores: { type: 'count', min: 1, max: 256 },
  balancers: { type: 'count', min: 0, max: 256 },
  protocol: { type: 'one-of', values: ['http', 'https'] },
  protocolOptions: {
    type: 'any',
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
  },
  protocolFiles: {
    type: 'any',
    check: (value) =>
      Array.isArray(value) && value.every((file) => typeof file === 'string') ? undefined : 'must be an array of paths',
  },
  ticketKeyLifetime: { type: 'count', min: 0, max: 2_147_483_647 },
  appName: {
    type: 'string',
    check: (name) => (/^[\w.-]{1,64}$/.test(name) ? undefined : 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  },
  rebootWorkerOnCrash: { type: 'boolean' },
  rebootOnSignal: { type: 'boolean' },
  readyTimeout: { type: 'duration', check: notSeconds },
  processTermTimeout: { type: 'duration', check: notSeconds },
  drainTime: {
    type: 'duration',
    allowZero: true,
    check: (value) => (value === 0 ? undefined : notSeconds(value)),
  },
  workerDebugPort: { type: 'count', min: 1024, max: 65_535 },
  storeDebugPort: { type: 'count', min: 1024, max: 65_535 },
  logLevel: { type: 'one-of', values: ['silent', 'error', 'warn', 'info', 'debug', 0, 1, 2, 3] },
};

/**
 * Static defaults, for options given neither in code nor by the environment. Defaults that depend on other options are
 * computed in `resolveClusterOptions`.
 */
export const clusterDefaults = {
  ...supervisorDefaults,
  ...storeDefaults,
  connectsPerSecondPerAddress: 0,
  maxConnectionsPerAddress: 0,
  trustedPeers: [] as readonly string[],
  protocolFiles: [] as readonly string[],
  ticketKeyLifetime: 3_600_000,
  killWorkerMemoryThreshold: 0,
  downgradeToUser: false as string | number | false,
  port: 8000,
  healthHost: '127.0.0.1',
  tcpSynBacklog: 4_096,
  workers: 'auto' as number | 'auto',
  protocol: 'http' as 'http' | 'https',
  appName: 'socketcluster',
  rebootWorkerOnCrash: true,
  rebootOnSignal: true,
  readyTimeout: 30_000,
  processTermTimeout: 10_000,
  drainTime: 0,
  logLevel: 'info' as LogThreshold | 0 | 1 | 2 | 3,
} satisfies Partial<SocketClusterOptions>;

/**
 * The given options, then the environment, then the defaults. Throws `InvalidOptionsError` at the first invalid option.
 */
export function resolveClusterOptions(
  given: Partial<SocketClusterOptions>,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedClusterOptions {
  checkOptions('SocketCluster', given, clusterRules, renamedOptions);
  const environment = readEnvironment(env, clusterRules);
  // Each value has passed the rule of its option.
  const options = { ...environment.options, ...withoutUndefined(given) } as SocketClusterOptions;
  if ((options as Partial<SocketClusterOptions>).workerController === undefined) {
    throw new InvalidOptionsError('workerController is required: the path of a module that exports run(worker)', {
      option: 'workerController',
    });
  }
  const { pingInterval = serverDefaults.pingInterval, pingTimeout = serverDefaults.pingTimeout } = options;
  checkTimes({ pingInterval, pingTimeout });
  checkHttpTimes(httpSettings(options));
  checkAuthCookie(options);
  const merged = { ...clusterDefaults, ...options };
  const { protocol, protocolOptions: tls } = merged;
  const protocolOptions = typeof tls === 'function' ? tls() : tls;
  checkProtocol(protocol, protocolOptions);
  const workers = merged.workers === 'auto' ? availableParallelism() : merged.workers;
  const defaultBalancers = protocol === 'https' ? Math.max(1, Math.floor(workers / 2)) : 0;
  const balancers = options.balancers ?? defaultBalancers;
  refuseWithoutBalancers(options, balancers);
  if (merged.protocolFiles.length > 0 && typeof tls !== 'function') {
    throw new InvalidOptionsError('`protocolFiles` needs protocolOptions to be a function, which reads them', {
      option: 'protocolFiles',
    });
  }
  if (options.healthHost !== undefined && options.healthPort === undefined) {
    throw new InvalidOptionsError('`healthHost` needs healthPort, which is not given', { option: 'healthHost' });
  }
  checkDebugPort('workerDebugPort', options.workerDebugPort, workers);
  const stores = options.stores ?? Math.ceil(workers / 4);
  checkDebugPort('storeDebugPort', options.storeDebugPort, stores);
  return {
    ...resolveSupervisorOptions(options),
    workerController: resolve(options.workerController),
    storeController: options.storeController === undefined ? undefined : resolve(options.storeController),
    storeOptions: options.storeOptions,
    storeSettings: resolveStoreOptions(options),
    maxStorePendingCalls: merged.maxStorePendingCalls,
    balancerController: options.balancerController === undefined ? undefined : resolve(options.balancerController),
    connectsPerSecondPerAddress: merged.connectsPerSecondPerAddress,
    maxConnectionsPerAddress: merged.maxConnectionsPerAddress,
    trustedPeers: merged.trustedPeers,
    killWorkerMemoryThreshold: merged.killWorkerMemoryThreshold,
    childUser: findChildUser(merged.downgradeToUser),
    port: merged.port,
    host: options.host,
    healthPort: options.healthPort,
    healthHost: merged.healthHost,
    tcpSynBacklog: merged.tcpSynBacklog,
    workers,
    stores,
    balancers,
    protocol,
    protocolOptions,
    readProtocolOptions: typeof tls === 'function' ? () => readAgain(tls) : undefined,
    protocolFiles: merged.protocolFiles.map((file) => resolve(file)),
    ticketKeyLifetime: merged.ticketKeyLifetime,
    appName: merged.appName,
    rebootWorkerOnCrash: merged.rebootWorkerOnCrash,
    rebootOnSignal: merged.rebootOnSignal,
    readyTimeout: merged.readyTimeout,
    processTermTimeout: merged.processTermTimeout,
    drainTime: merged.drainTime,
    workerDebugPort: options.workerDebugPort,
    storeDebugPort: options.storeDebugPort,
    logLevel: parseLogLevel(merged.logLevel),
    hasRandomAuthKey: !hasAuthKey(options),
    server: serverOptions(options, merged.processTermTimeout),
    warnings: environment.warnings,
    childEnv: withoutSecretVariables(env, clusterRules),
  };
}

/** Share of `processTermTimeout` within which the connections of a worker must end. */
const closeShare = 0.8;

function serverOptions(options: SocketClusterOptions, termTimeout: number): ResolvedClusterOptions['server'] {
  const given = options as unknown as Record<string, unknown>;
  const shared = Object.keys(sharedRules).filter((name) => name !== 'logger' && given[name] !== undefined);
  return {
    ...Object.fromEntries(shared.map((name) => [name, given[name]])),
    authKey: options.authKey ?? generateAuthKey(),
    // Requests are cut before the process is killed, so that it can exit in order.
    closeTimeout: Math.min(options.closeTimeout ?? serverDefaults.closeTimeout, Math.ceil(termTimeout * closeShare)),
  };
}

function countProblem(value: unknown, min: number): string | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= 256;
  return fits ? undefined : `must be 'auto' or a whole number from ${min} to 256`;
}
