import type { WireError } from 'sc-protocol';
import type { LogEntry, LogThreshold } from '../log/entry.js';
import type { LogLevelMessage } from '../cluster/children/messages.js';
import type { ControlRequest } from '../cluster/control/control-frames.js';
import type { InspectRequest } from '../cluster/inspect/inspect-requests.js';
import type { StoreAccess } from '../cluster/pools/pools.js';

export interface AdminInit {
  readonly logLevel: LogThreshold;
  readonly appName: string;
  readonly port: number;
  readonly host: string;
  readonly token: string;
  readonly storeAccess: StoreAccess;
}

/** Requests of the admin process to the supervisor. */
export type AdminRequest =
  | InspectRequest
  | { readonly command: 'status' | 'reload' }
  | Extract<ControlRequest, { readonly command: 'drain' | 'log-level' }>;

export type ToAdmin =
  | LogLevelMessage
  | { readonly type: 'result'; readonly requestId: number; readonly result: unknown }
  | { readonly type: 'refusal'; readonly requestId: number; readonly error: WireError };

export type FromAdmin =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'request'; readonly requestId: number; readonly request: AdminRequest }
  | { readonly type: 'log'; readonly entry: LogEntry };
