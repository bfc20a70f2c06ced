import type { SettledOptions } from 'sc-protocol/kit';
import type { LogThreshold } from '../../log/entry.js';
import type { ChildUser } from '../host/child-user.js';
import type { ownTable, SharedServerOptions } from './cluster-table.js';
import type { ProtocolOptions } from './protocol-options.js';
import type { SharedStores } from './shared-stores.js';
import type { StoreSettings } from './store-options.js';

type OwnOptions = SettledOptions<typeof ownTable>;

/** Options whose type changes when they are resolved. */
type Changed = 'workerController' | 'workers' | 'stores' | 'balancers' | 'protocolOptions' | 'logLevel';

/** Resolved options of a cluster: validated, with defaults and environment applied, and with absolute paths. */
export interface ResolvedClusterOptions extends Omit<OwnOptions, Changed> {
  /** Absolute path of the worker module. */
  readonly workerController: string;
  /** Returns the settings of the store with an id. */
  readonly storeSettings: (id: number, temporaryFolder: string | undefined) => StoreSettings;
  /** User that the children run as, if different. */
  readonly childUser: ChildUser | undefined;
  /** Number of workers. */
  readonly workers: number;
  /** Shared stores, if the cluster runs none of its own. */
  readonly sharedStores: SharedStores | undefined;
  /** Number of stores that the cluster runs. */
  readonly stores: number;
  /** Number of balancers; 0 hands connections to the workers directly. */
  readonly balancers: number;
  /** The TLS options, with a given function already called. */
  readonly protocolOptions: ProtocolOptions | undefined;
  /** Reads the protocol options again, if they were given as a function. */
  readonly readProtocolOptions: (() => ProtocolOptions) | undefined;
  /** Minimum severity of the log. */
  readonly logLevel: LogThreshold;
  /** Whether the auth key was generated for this run. */
  readonly hasRandomAuthKey: boolean;
  /** Likely mistakes that do not prevent the start. */
  readonly warnings: readonly string[];
  /** Environment of all children, without secrets. */
  readonly childEnv: NodeJS.ProcessEnv;
  /** Options for the SCServer of each worker. */
  readonly server: SharedServerOptions & { readonly authKey: string };
}
