import type { Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import type { AdminRequest } from './admin-messages.js';

/** Settings and dependencies of the admin server. */
export interface AdminSetting {
  readonly appName: string;
  readonly port: number;
  readonly host: string;
  readonly token: string;
  readonly store: Store;
  readonly logger: Logger;
  /** Sends a request to the supervisor. Rejects with the supervisor's error if it refuses. */
  readonly ask: (request: AdminRequest) => Promise<unknown>;
}
