import type { StoredValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { Caller } from './caller.js';

/** The value of a reply: a stored value, bytes, or nothing. */
export type ReadyReply = StoredValue | Uint8Array | undefined;
/** A promise if the command is asynchronous. */
export type Reply = ReadyReply | Promise<ReadyReply>;

/** The store's half of a command. `Core` is the store core, which holds the table of commands. */
export interface CoreCommand<Core> {
  readonly name: string;
  /** Number of the command on a link. A number is never reused for another command. */
  readonly code: number;
  /** Whether the command changes persisted data: keys, expiries or streams. */
  readonly writes: boolean;
  /**
   * Approximate bytes of memory that the command can take beside its payload, for `maxMemoryBytes`. `undefined`: the
   * command takes no memory.
   */
  readonly growth: ((core: Core, request: CommandRequest) => number) | undefined;
  /** Whether a transaction may contain the command: it can be undone, replies synchronously, and works on keys. */
  readonly transacts: boolean;
  /** Runs the command. Throws an error of the registry to reject it. Must not retain the request. */
  run(core: Core, request: CommandRequest, caller: Caller): Reply;
}

/** The commands of a store, by code, and the command that the core itself runs for last wills. */
export interface CoreCommands<Core> {
  readonly byCode: readonly (CoreCommand<Core> | undefined)[];
  readonly transaction: CoreCommand<Core>;
}

/** The interface through which a store notifies its owner. None of its methods throw. */
export interface CoreOwner {
  firstSubscription?(channel: string): void;
  lastUnsubscription?(channel: string): void;
  published?(channel: string, payload: Uint8Array): void;
  readOnly?(error: Error): void;
  writable?(): void;
}

/** Runs procedures, query functions and the message listener of the store's owner. Set by the controller. */
export interface ProcedureRunner {
  invoke(name: string, data: StoredValue): ReadyReply;
  runSource(call: StoredValue, baseKeys: readonly string[]): ReadyReply;
  message(data: StoredValue): Reply;
}

/** Persists the effects of commands, and reports when they are written. */
export interface Journal {
  /** Number of commits so far. */
  readonly sequence: number;
  /** Whether commits are in flight: not written yet, while the journal is writable. */
  readonly isPending: boolean;
  /** Bytes that are committed but not written yet. */
  readonly pendingBytes: number;
  /** Commits the effects since the last call as one unit: after a crash, all of them are restored, or none. */
  commit(): void;
  /** Drops the effects since the last `commit`. */
  discard(): void;
  /** Throws when too many bytes are waiting to be written. */
  admit(): void;
  /**
   * Runs the action once all commits so far are written, and flushed if the policy requires it; or with the error, if
   * they cannot be written. Actions run in the order they were given.
   */
  whenWritten(action: (error?: Error) => void): void;
}
