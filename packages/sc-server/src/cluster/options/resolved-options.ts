import type { SCServerOptions } from '../../server/options.js';
import type { LogThreshold } from '../../log/entry.js';
import type { ChildUser } from '../host/child-user.js';
import type { ProtocolOptions } from './protocol-options.js';
import type { StoreSettings } from './store-options.js';
import type { ResolvedSupervisorOptions } from './supervisor-options.js';

/** Server options that are passed to every worker unchanged. Worker controllers set those that cannot be sent. */
export type SharedServerOptions = Omit<SCServerOptions, 'store' | 'logger' | 'codecEngine' | 'codecs' | 'authEngine'>;

/** Options of a cluster as they are in use: checked, with their defaults and the environment. */
export interface ResolvedClusterOptions extends ResolvedSupervisorOptions {
  /** Absolute path of the worker module. */
  readonly workerController: string;
  /** Absolute path of the module that stores load. */
  readonly storeController: string | undefined;
  /** Passed to the store controller. */
  readonly storeOptions: unknown;
  /** Settings of the store in a position. */
  readonly storeSettings: (id: number, temporaryFolder: string | undefined) => StoreSettings;
  /** Calls of one worker that may wait for one store. */
  readonly maxStorePendingCalls: number;
  /** Absolute path of the module that balancers load. */
  readonly balancerController: string | undefined;
  /** New connections per second from one address; 0 for no limit. */
  readonly connectsPerSecondPerAddress: number;
  /** Open connections from one address; 0 for no limit. */
  readonly maxConnectionsPerAddress: number;
  /** Addresses of proxies whose PROXY header counts. */
  readonly trustedPeers: readonly string[];
  /** Resident bytes above which a worker is replaced; 0 for no limit. */
  readonly killWorkerMemoryThreshold: number;
  /** User that the children run as, if it is another one. */
  readonly childUser: ChildUser | undefined;
  /** Port of the cluster; 0 for any free one. */
  readonly port: number;
  /** Address to listen on; all if undefined. */
  readonly host: string | undefined;
  /** Port of the health routes, if there is one. */
  readonly healthPort: number | undefined;
  /** Address of the health routes. */
  readonly healthHost: string;
  /** Length of the queue of connections that the kernel has accepted. */
  readonly tcpSynBacklog: number;
  /** Number of workers. */
  readonly workers: number;
  /** Number of stores. */
  readonly stores: number;
  /** Number of balancers; 0 hands connections to the workers directly. */
  readonly balancers: number;
  /** Protocol on the port. */
  readonly protocol: 'http' | 'https';
  /** TLS options, read. */
  readonly protocolOptions: ProtocolOptions | undefined;
  /** Reads the protocol options again, if they were given as a function. */
  readonly readProtocolOptions: (() => ProtocolOptions) | undefined;
  /** Files that the TLS options name. */
  readonly protocolFiles: readonly string[];
  /** Milliseconds after which the keys of TLS tickets are replaced. */
  readonly ticketKeyLifetime: number;
  /** Name of the cluster in logs and socket paths. */
  readonly appName: string;
  /** Whether a crashed process is replaced. */
  readonly rebootWorkerOnCrash: boolean;
  /** Whether SIGUSR2 reloads the workers. */
  readonly rebootOnSignal: boolean;
  /** Milliseconds for a process to become ready. */
  readonly readyTimeout: number;
  /** Milliseconds for a process to exit before it is killed. */
  readonly processTermTimeout: number;
  /** Milliseconds over which a stop disconnects the clients. */
  readonly drainTime: number;
  /** Debugger port of worker 0. */
  readonly workerDebugPort: number | undefined;
  /** Debugger port of store 0. */
  readonly storeDebugPort: number | undefined;
  /** Minimum severity of the log. */
  readonly logLevel: LogThreshold;
  /** Whether the key of auth tokens was generated for this run. */
  readonly hasRandomAuthKey: boolean;
  /** Likely mistakes that do not prevent the start. */
  readonly warnings: readonly string[];
  /** The environment of every child, without our secrets. */
  readonly childEnv: NodeJS.ProcessEnv;
  /** Options for the SCServer of each worker. */
  readonly server: SharedServerOptions & { readonly authKey: string };
}
