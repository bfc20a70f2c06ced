import type { SettledOptions } from 'sc-protocol/kit';
import type { LogThreshold } from '../../log/entry.js';
import type { ChildUser } from '../host/child-user.js';
import type { ownTable, SharedServerOptions } from './cluster-table.js';
import type { ProtocolOptions } from './protocol-options.js';
import type { SharedStores } from './shared-stores.js';
import type { StoreSettings } from './store-options.js';

type OwnOptions = SettledOptions<typeof ownTable>;

/** Options that have another form once they are resolved. */
type Changed = 'workerController' | 'workers' | 'stores' | 'balancers' | 'protocolOptions' | 'logLevel';

/** Options of a cluster as they are in use: checked, with their defaults and the environment, and with absolute paths. */
export interface ResolvedClusterOptions extends Omit<OwnOptions, Changed> {
  /** Absolute path of the worker module. */
  readonly workerController: string;
  /** Settings of the store in a position. */
  readonly storeSettings: (id: number, temporaryFolder: string | undefined) => StoreSettings;
  /** User that the children run as, if it is another one. */
  readonly childUser: ChildUser | undefined;
  /** Number of workers. */
  readonly workers: number;
  /** Stores that run by themselves, if the cluster runs none. */
  readonly sharedStores: SharedStores | undefined;
  /** Number of stores that the cluster runs. */
  readonly stores: number;
  /** Number of balancers; 0 hands connections to the workers directly. */
  readonly balancers: number;
  /** TLS options, read. */
  readonly protocolOptions: ProtocolOptions | undefined;
  /** Reads the protocol options again, if they were given as a function. */
  readonly readProtocolOptions: (() => ProtocolOptions) | undefined;
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
