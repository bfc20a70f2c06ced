import type { Origin } from '../core/origin.js';
import type { StoreCore } from '../core/store-core.js';
import type { StoredValue } from '../values.js';
import type { CommandName } from '../wire/codes.js';
import type { CommandRequest } from '../wire/request.js';

/** The value of a reply: at rest, as bytes, or nothing; a promise when the command takes time. */
export type Reply = StoredValue | Uint8Array | undefined | Promise<StoredValue | Uint8Array | undefined>;

/** One command of the store. */
export interface Command {
  readonly name: CommandName;
  /** Whether it changes what the store keeps: keys, expiries or streams. */
  readonly writes: boolean;
  /** Does it. Throws an error of the registry when it refuses. Must not keep the request. */
  run(core: StoreCore, request: CommandRequest, origin: Origin): Reply;
}

export const storedTrue: StoredValue = 'true';
export const storedFalse: StoredValue = 'false';
