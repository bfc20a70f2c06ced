import type { Caller } from '../core/caller.js';
import type { StoreCore } from '../core/store-core.js';
import type { StoredValue } from '../values.js';
import type { CommandName } from '../wire/codes.js';
import type { CommandRequest } from '../wire/request.js';

/** The value of a reply: at rest, as bytes, or nothing. */
export type ReadyReply = StoredValue | Uint8Array | undefined;
/** A promise when the command takes time. */
export type Reply = ReadyReply | Promise<ReadyReply>;

/** One command of the store. */
export interface Command {
  readonly name: CommandName;
  /** Whether it changes what the store keeps: keys, expiries or streams. */
  readonly writes: boolean;
  /** Whether it may stand in a transaction: it can be undone, answers at once, and is about keys. */
  readonly transacts: boolean;
  /** Does it. Throws an error of the registry when it refuses. Must not keep the request. */
  run(core: StoreCore, request: CommandRequest, caller: Caller): Reply;
}

/** A command about keys, which answers at once. */
export interface DataCommand extends Command {
  readonly transacts: true;
  run(core: StoreCore, request: CommandRequest, caller: Caller): ReadyReply;
}

export const storedTrue: StoredValue = 'true';
export const storedFalse: StoredValue = 'false';
