import type { Buffer } from 'node:buffer';
import { ResourceLimitError } from 'sc-protocol';
import { CommandRequest } from '../wire/request.js';
import type { CoreCommand, CoreCommands, ProcedureRunner, Reply } from './command.js';
import type { CoreOptions } from './core-options.js';
import { Expiry } from '../data/expiry.js';
import { LimitHits } from '../data/limit-hits.js';
import { Members } from '../data/members.js';
import { NoCaller } from './caller.js';
import type { Caller } from './caller.js';
import { Streams } from '../data/streams.js';
import { Topics } from '../data/topics.js';
import { Tree } from '../data/tree.js';
import { Undo } from '../data/undo.js';
import { Watchers } from '../data/watchers.js';

/** Learns of writes before they happen. */
export interface WriteObserver {
  /** A root key is about to change; without one, all are. */
  beforeWrite(root: string | undefined): void;
  /** A channel's stream is about to change. */
  beforeStreamWrite(channel: string): void;
}

/** Keeps every write, so that it can be done again. */
export interface Journal {
  /** The write was done at `time`. Entries of one call belong together: all of them come back, or none. */
  append(time: number, entries: readonly JournalEntry[]): void;
  /** Resolves when what was appended cannot be lost any more; `undefined` if nobody has to wait for that. */
  whenDurable(): Promise<void> | undefined;
}

export interface JournalEntry {
  readonly code: number;
  readonly body: Buffer;
}

/** A command as this core runs it. */
export type Command = CoreCommand<StoreCore>;

/** What a store tells about itself. None of it throws. */
export interface CoreOwner {
  firstSubscription?(channel: string): void;
  lastUnsubscription?(channel: string): void;
  published?(channel: string, payload: Uint8Array): void;
  readOnly?(error: Error): void;
  writable?(): void;
}

interface Write extends JournalEntry {
  readonly keys: readonly string[];
  readonly name: string;
}

/** Everything one shard holds, and the one way to change it: {@link StoreCore.execute}. */
export class StoreCore {
  readonly tree = new Tree();
  readonly expiry = new Expiry();
  readonly topics = new Topics();
  readonly streams = new Streams();
  readonly members = new Members();
  readonly watchers = new Watchers();
  readonly observers = new Set<WriteObserver>();
  readonly limitHits = new LimitHits();
  readonly commands: CoreCommands<StoreCore>;
  readonly options: CoreOptions;
  /** Told of what happens; set by the controller. */
  owner: CoreOwner = {};
  /** Set while the store must not change, with the reason. */
  readOnly: Error | undefined = undefined;
  /** Where writes are kept; nowhere when persistence is off. */
  journal: Journal | undefined = undefined;
  /** Procedures and functions; set by the controller. */
  procedures: ProcedureRunner | undefined = undefined;
  /** Identity and count behind stream epochs. */
  storeId: string;
  epochCount = 0;
  commandCount = 0;
  /** The time of writes that are done again, instead of the clock's. */
  replayTime: number | undefined = undefined;
  readonly #self = new NoCaller();
  #time: number | undefined;
  #lastTime = 0;
  #writeCount = 0;
  /** The writes of the transaction that runs. */
  #writes: Write[] | undefined;
  #afterwards: (() => void)[] = [];

  constructor(commands: CoreCommands<StoreCore>, options: CoreOptions) {
    this.commands = commands;
    this.options = options;
    this.storeId = options.storeId;
  }

  /** Milliseconds since 1970; the same throughout a command, and it never goes back. */
  now(): number {
    if (this.#time === undefined) {
      this.#time = this.replayTime ?? Math.max(this.#lastTime, this.options.now());
      this.#lastTime = this.#time;
    }
    return this.#time;
  }

  /** About how many bytes everything kept takes. */
  get memoryBytes(): number {
    return this.tree.bytes + this.streams.bytes + this.expiry.size * 200;
  }

  /** As `execute`, and the reply waits until what it wrote cannot be lost, where that was asked for. Hot path. */
  perform(command: Command, request: CommandRequest, caller: Caller): Reply {
    const before = this.#writeCount;
    const reply = this.execute(command, request, caller);
    if (this.#writeCount === before) return reply;
    const durable = this.journal?.whenDurable();
    return durable === undefined ? reply : durable.then(() => reply);
  }

  /** Runs one command; nothing else runs meanwhile. Hot path. Throws what the command refuses. */
  execute(command: Command, request: CommandRequest, caller: Caller): Reply {
    this.commandCount++;
    if (this.#writes === undefined) {
      this.#time = undefined;
      if (this.expiry.nextAt !== undefined) this.#expire();
    }
    if (!command.writes) return command.run(this, request, caller);
    this.#admit(request);
    return this.#write(command, request, caller);
  }

  /** Runs the action so that all its writes are done, or none. Throws what it throws. */
  atomically<T>(action: () => T): T {
    if (this.#writes !== undefined) return action();
    const undo = new Undo(this.tree, this.expiry);
    const observer: WriteObserver = {
      beforeWrite: (root) => undo.remember(root),
      beforeStreamWrite: () => undefined,
    };
    this.observers.add(observer);
    const writes: Write[] = [];
    this.#writes = writes;
    let result: T;
    try {
      result = action();
    } catch (error) {
      undo.restore();
      this.#afterwards = [];
      throw error;
    } finally {
      this.#writes = undefined;
      this.observers.delete(observer);
    }
    if (writes.length > 0) this.journal?.append(this.now(), writes);
    for (const { keys, name } of writes) this.watchers.notify(keys, name);
    for (const act of this.#afterwards.splice(0)) act();
    return result;
  }

  /** Does something that cannot be undone: at once, or when the transaction that runs has succeeded. */
  afterwards(action: () => void): void {
    if (this.#writes === undefined) action();
    else this.#afterwards.push(action);
  }

  /** Removes what has expired, and streams that nobody can use any more. */
  sweep(): void {
    this.#time = undefined;
    this.#expire();
    if (this.streams.size === 0) return;
    for (const channel of this.streams.sweep(this.now())) {
      void this.#write(this.commands.removeStream, requestFor([channel]), this.#self);
    }
  }

  /** Ends what a caller holds, and runs its last will. Throws what the last will throws. */
  leave(caller: Caller): void {
    for (const channel of caller.channels) {
      if (this.topics.unsubscribe(channel, caller)) this.owner.lastUnsubscription?.(channel);
    }
    caller.channels.clear();
    caller.cursors.open.clear();
    this.watchers.leave(caller);
    this.members.release(caller);
    const { lastWill } = caller;
    caller.lastWill = undefined;
    if (lastWill === undefined) return;
    const request = requestFor([]);
    request.buffer = lastWill;
    request.end = lastWill.length;
    void this.execute(this.commands.transaction, request, caller);
  }

  close(): void {
    this.members.close();
  }

  #expire(): void {
    if (this.expiry.nextAt === undefined) return;
    const now = this.now();
    // Not kept in the log: done again, the same keys expire at the same times.
    for (let due = this.expiry.takeDue(now); due !== undefined; due = this.expiry.takeDue(now)) {
      for (const observer of this.observers) observer.beforeWrite(due.keys[0]);
      this.tree.remove(due.keys);
      this.expiry.removeBeneath(due.keys);
      if (!this.watchers.isEmpty) this.watchers.notify(due.keys, 'expire');
    }
  }

  #admit(request: CommandRequest): void {
    if (this.readOnly !== undefined) throw this.readOnly;
    const { maxMemoryBytes, memoryPolicy } = this.options;
    const bytes = request.end - request.payloadStart;
    if (maxMemoryBytes === 0 || bytes === 0 || this.replayTime !== undefined) return;
    while (memoryPolicy === 'evict-volatile' && this.memoryBytes + bytes > maxMemoryBytes) {
      const next = this.expiry.peek();
      if (next === undefined) break;
      this.limitHits.hit('evictions');
      void this.#write(this.commands.remove, requestFor(next), this.#self);
    }
    if (this.memoryBytes + bytes > maxMemoryBytes) {
      this.limitHits.hit('memoryBytes');
      throw new ResourceLimitError(`The store holds as much as it may (${maxMemoryBytes} bytes)`, {
        limit: 'maxMemoryBytes',
      });
    }
  }

  #write(command: Command, request: CommandRequest, caller: Caller): Reply {
    if (this.observers.size > 0) this.#announce(command, request);
    const reply = command.run(this, request, caller);
    this.#writeCount++;
    if (this.#writes !== undefined) {
      this.#writes.push({ ...entryOf(command, request), keys: request.keys, name: command.name });
      return reply;
    }
    this.journal?.append(this.now(), [entryOf(command, request)]);
    if (command.transacts && !this.watchers.isEmpty) this.watchers.notify(request.keys, command.name);
    return reply;
  }

  #announce(command: Command, request: CommandRequest): void {
    for (const observer of this.observers) {
      if (command.transacts) observer.beforeWrite(request.keys[0]);
      else observer.beforeStreamWrite(request.keys[0] ?? '');
    }
  }
}

function entryOf(command: Command, request: CommandRequest): JournalEntry {
  return { code: command.code, body: request.body() };
}

function requestFor(keys: readonly string[]): CommandRequest {
  const request = new CommandRequest();
  request.keys = keys;
  return request;
}
