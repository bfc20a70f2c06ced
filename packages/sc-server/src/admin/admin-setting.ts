import type { Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import type { AdminRequest } from './admin-messages.js';

/** Settings and surroundings of the admin server. */
export interface AdminSetting {
  readonly appName: string;
  readonly port: number;
  readonly host: string;
  readonly token: string;
  readonly store: Store;
  readonly logger: Logger;
  /** Asks the supervisor. Rejects with what it refuses. */
  readonly ask: (request: AdminRequest) => Promise<unknown>;
}
