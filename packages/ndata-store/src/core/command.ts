import type { StoredValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { Caller } from './caller.js';

/** The value of a reply: at rest, as bytes, or nothing. */
export type ReadyReply = StoredValue | Uint8Array | undefined;
/** A promise when the command takes time. */
export type Reply = ReadyReply | Promise<ReadyReply>;

/** The store's half of a command. `Core` is the store core, which holds the table of these. */
export interface CoreCommand<Core> {
  readonly name: string;
  /** Its number on a link and in the log. A number is never reused for something else. */
  readonly code: number;
  /** Whether it changes what the store keeps: keys, expiries or streams. */
  readonly writes: boolean;
  /** About how many bytes of memory it can take beside its payload, for `maxMemoryBytes`. Commands without it take none. */
  readonly growth: ((core: Core, request: CommandRequest) => number) | undefined;
  /** Whether a transaction may contain it: it can be undone, replies at once, and works on keys. */
  readonly transacts: boolean;
  /** Runs it. Throws an error of the registry to refuse. Must not keep the request. */
  run(core: Core, request: CommandRequest, caller: Caller): Reply;
}

/** The commands of a store, by code, and the one that the core itself gives. */
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

/** Runs what the store's owner has defined; set by the controller. */
export interface ProcedureRunner {
  invoke(name: string, data: StoredValue): ReadyReply;
  runSource(call: StoredValue, baseKeys: readonly string[]): ReadyReply;
  message(data: StoredValue): Reply;
}

/** Keeps the effects of commands, and says when they are written. */
export interface Journal {
  /** Counts what was committed. */
  readonly sequence: number;
  /** Whether something that was committed is not written yet, and can be. */
  readonly isPending: boolean;
  /** Bytes of what was committed and is not written yet. */
  readonly pendingBytes: number;
  /** The effects since the last call belong together: after a crash all of them come back, or none. */
  commit(): void;
  /** Forgets the effects since the last `commit`. */
  discard(): void;
  /** Throws when too much waits to be written. */
  admit(): void;
  /**
   * Runs the action once everything committed so far is written, as safely as was asked for, or cannot be: with the
   * reason. Actions run in the order they were given.
   */
  whenWritten(action: (error?: Error) => void): void;
}
