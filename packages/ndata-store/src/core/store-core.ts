import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { CommandRequest } from '../wire/request.js';
import type { CoreCommand, CoreCommands, CoreOwner, Journal, ProcedureRunner, Reply } from './command.js';
import type { CoreOptions } from './core-options.js';
import { Changes } from '../data/changes.js';
import { ChannelActivity } from '../data/channel-activity.js';
import { History } from './history.js';
import { Expiry, expiryBytes } from '../data/expiry.js';
import { LimitHits } from '../data/limit-hits.js';
import { Members } from '../data/members.js';
import { Orders } from '../data/orders.js';
import type { Caller } from './caller.js';
import type { Once } from '../data/publishers.js';
import type { Stream } from '../data/stream.js';
import { Streams } from '../data/streams.js';
import { Topics } from '../data/topics.js';
import { Publication } from '../data/publication.js';
import type { PublishDetails } from '../data/publication.js';
import { Tree } from '../data/tree.js';
import { Undo } from '../data/undo.js';
import { Watchers } from '../data/watchers.js';
import { MemoryLimit } from './memory-limit.js';
import { ReturningCallers } from './returning-callers.js';
import { runAll } from './run-all.js';
import { Slices } from './slices.js';

/** A command as this core runs it. */
export type Command = CoreCommand<StoreCore>;

/** A pending notification of watchers. */
interface Told {
  readonly keys: readonly string[];
  readonly name: string;
}

/** Expired key chains that each command removes before it runs, so they do not accumulate under load. */
const expiriesPerCommand = 32;
/** Time limit of one sweep in milliseconds, to keep the event loop responsive. */
const sweepBudgetMs = 10;

/** The data of one shard. Commands change it only through {@link StoreCore.execute}. */
export class StoreCore {
  readonly changes = new Changes();
  readonly tree = new Tree(this.changes);
  readonly expiry = new Expiry(this.changes);
  readonly topics = new Topics();
  readonly streams: Streams;
  readonly activity: ChannelActivity;
  /** Kept publications of channels. */
  readonly history: History;
  readonly members: Members;
  readonly orders: Orders;
  readonly watchers = new Watchers();
  readonly returning = new ReturningCallers();
  readonly limitHits = new LimitHits();
  readonly commands: CoreCommands<StoreCore>;
  readonly options: CoreOptions;
  /** Receives the store's notifications. Set by the controller. */
  owner: CoreOwner = {};
  /** The reason, while the store is read-only. */
  readOnly: Error | undefined = undefined;
  /** The reason, while the journal cannot be written. */
  logFailure: Error | undefined = undefined;
  /** Persists effects. `undefined` when persistence is off. */
  journal: Journal | undefined = undefined;
  /** Runs procedures and query functions. Set by the controller. */
  procedures: ProcedureRunner | undefined = undefined;
  commandCount = 0;
  publicationCount = 0;
  /** Failures to write the journal. */
  logFailures = 0;
  readonly #slices = new Slices();
  readonly #memory: MemoryLimit;
  /** Random id of this run of the store. */
  readonly incarnation = randomBytes(6).toString('base64url');
  #time: number | undefined;
  #lastTime = 0;
  /** Pending notifications of the running transaction; `undefined` outside of one. */
  #told: Told[] | undefined;
  #afterwards: (() => void)[] = [];
  /** Collects deliveries while a transaction appends its publications to their streams. */
  #deliveries: (() => void)[] | undefined;

  constructor(commands: CoreCommands<StoreCore>, options: CoreOptions) {
    this.commands = commands;
    this.options = options;
    this.streams = new Streams(this.changes, options.maxStreams);
    this.activity = new ChannelActivity(this.topics, this.streams);
    this.members = new Members({ steps: this.#slices, life: this.incarnation });
    this.#memory = new MemoryLimit({
      options,
      expiry: this.expiry,
      streams: this.streams,
      limitHits: this.limitHits,
      memoryBytes: () => this.memoryBytes,
      evict: (keys) => this.#remove(keys, 'remove'),
    });
    this.orders = new Orders({ store: this.incarnation, now: () => this.now() });
    this.history = new History(this.streams, options.rules, {
      room: () => this.#memory.historyRoom(),
      admit: () => this.journal?.admit(),
      logFailure: () => this.logFailure,
    });
  }

  /** Milliseconds since 1970. Constant during a command, and never decreasing. */
  now(): number {
    if (this.#time === undefined) {
      this.#time = Math.max(this.#lastTime, this.options.now());
      this.#lastTime = this.#time;
    }
    return this.#time;
  }

  /** Approximate memory of all data, in bytes. */
  get memoryBytes(): number {
    const { tree, streams, expiry, topics, members, watchers } = this;
    return tree.bytes + streams.bytes + expiry.size * expiryBytes + topics.bytes + members.bytes + watchers.bytes;
  }

  /**
   * Like `execute`, for callers that accept a promise: delays the reply until all effects so far are written. Rejects
   * when the effects of the command cannot be written.
   */
  perform(command: Command, request: CommandRequest, caller: Caller): Reply {
    const before = this.journal?.sequence;
    let reply: Reply;
    try {
      reply = this.execute(command, request, caller);
    } catch (error) {
      if (this.journal?.isPending !== true) throw error;
      // Keep the order of replies: earlier ones are still waiting for the journal.
      return new Promise((_resolve, reject) => this.whenWritten(() => reject(error)));
    }
    if (this.journal?.isPending !== true) return reply;
    const isWrite = this.journal.sequence !== before;
    return new Promise((resolve, reject) => {
      this.whenWritten((error) => {
        if (error !== undefined && isWrite) reject(error);
        else resolve(reply);
      });
    });
  }

  /**
   * Runs the action once all effects so far are written, or now if they are. Keeps the order of the actions. Hot path.
   */
  whenWritten(action: (error?: Error) => void): void {
    if (this.journal?.isPending === true) this.journal.whenWritten(action);
    else action();
  }

  /** Runs one command, in isolation. Throws the error of the command. Hot path. */
  execute(command: Command, request: CommandRequest, caller: Caller): Reply {
    this.commandCount++;
    if (this.#told !== undefined) return this.#run(command, request, caller);
    this.#time = undefined;
    if (this.journal === undefined) return this.#run(command, request, caller);
    try {
      return this.#run(command, request, caller);
    } finally {
      // Commit even if the command failed: it changed nothing itself, but due keys may have expired before it.
      this.journal.commit();
    }
  }

  /** Runs the action atomically: if it throws, its writes are rolled back, and the exception is rethrown. */
  atomically<T>(action: () => T): T {
    if (this.#told !== undefined) return action();
    // Entries that expired earlier must not be restored by the rollback.
    this.journal?.commit();
    const undo = new Undo(this.changes);
    const told: Told[] = [];
    this.changes.undo = undo;
    this.#told = told;
    let result: T;
    try {
      result = action();
    } catch (error) {
      this.changes.undo = undefined;
      this.#undo(undo);
      throw error;
    } finally {
      this.#told = undefined;
      this.changes.undo = undefined;
    }
    const failures: unknown[] = [];
    const deliveries: (() => void)[] = [];
    // Record the publications of the action together with its writes: after a crash both are restored, or neither.
    this.#deliveries = deliveries;
    runAll(this.#afterwards.splice(0), failures);
    this.#deliveries = undefined;
    this.journal?.commit();
    for (const { keys, name } of told) this.#notify(keys, name);
    runAll(deliveries, failures);
    if (failures.length > 0) throw failures[0];
    return result;
  }

  /** Runs an action that cannot be undone: now, or after the running transaction has succeeded. */
  afterwards(action: () => void): void {
    if (this.#told === undefined) action();
    else this.#afterwards.push(action);
  }

  /**
   * Publishes. Appends the publication to the channel's stream, if any, which assigns its offset, and delivers it once
   * all effects so far are written. A volatile publication is never kept. Returns the stream that keeps it. Every
   * publication takes this path. Hot path.
   */
  publish(
    channel: string,
    payload: Buffer,
    isVolatile: boolean,
    isFromClient: boolean,
    { keep, once, headers }: PublishDetails = {},
  ): Stream | undefined {
    // A controller may publish outside of a command, so take the current time.
    if (!isFromClient && this.#told === undefined) this.#time = undefined;
    const isKept = !isVolatile && (keep !== undefined || !this.history.isOff);
    const stream = isKept ? this.history.keep(channel, payload, this.now(), keep) : undefined;
    // Record the deduplication key together with the publication: after a crash both are restored, or neither.
    if (once !== undefined) this.#know(channel, stream, once);
    const publication = new Publication(channel, payload, isVolatile, stream?.top, stream?.newEpoch);
    publication.headers = headers;
    if (this.#deliveries === undefined) this.#send(publication, stream, isFromClient);
    else this.#deliveries.push(() => this.#send(publication, stream, isFromClient));
    return stream;
  }

  /**
   * The offset of an earlier publication with the same key, 0 in a channel without history; `undefined` if it is new.
   * Throws `TooLateError` if the key is too old to decide.
   */
  findPublished(channel: string, once: Once): number | undefined {
    const { publishers } = this.streams;
    const known = this.streams.get(channel)?.known ?? publishers.of(channel);
    return publishers.find(known, once);
  }

  /** Removes expired keys and stale entries. Returns whether more work is left. */
  sweep(): boolean {
    this.#time = undefined;
    const until = performance.now() + sweepBudgetMs;
    let hasMore = true;
    while (hasMore && performance.now() < until) hasMore = this.#expire(expiriesPerCommand);
    this.orders.sweep();
    if (this.topics.sweep(this.now())) hasMore = true;
    if (this.streams.size > 0) this.streams.sweep(this.now());
    this.streams.publishers.sweep();
    this.journal?.commit();
    return hasMore;
  }

  /**
   * Releases the subscriptions, watches and members of a caller, and runs its last will. The release runs in slices,
   * so the caller must ignore further deliveries. Throws the error of the last will.
   */
  leave(caller: Caller): void {
    this.#time = undefined;
    caller.cursors.open.clear();
    this.orders.lost(caller);
    this.returning.left(caller);
    this.#slices.run(this.#release(caller));
    const { lastWill } = caller;
    caller.lastWill = undefined;
    if (lastWill === undefined) return;
    const request = requestFor([]);
    [request.buffer, request.end] = [lastWill, lastWill.length];
    void this.execute(this.commands.transaction, request, caller);
  }

  close(): void {
    for (const part of [this.returning, this.members]) part.close();
    this.activity.stop();
    this.#slices.stop();
  }

  *#release(caller: Caller): Generator<void, void> {
    const now = this.now();
    for (const channel of caller.channels) {
      if (this.topics.lost(channel, caller, now)) this.owner.lastUnsubscription?.(channel);
      yield;
    }
    caller.channels.clear();
    yield* this.watchers.leave(caller);
    yield* this.members.release(caller);
  }

  /** Hot path. */
  #run(command: Command, request: CommandRequest, caller: Caller): Reply {
    const { nextAt } = this.expiry;
    if (nextAt !== undefined && nextAt <= this.now()) this.#expireFor(command, request);
    if (command.writes) {
      if (this.readOnly !== undefined) throw this.readOnly;
      this.journal?.admit();
    }
    if (this.options.maxMemoryBytes > 0) this.#admitMemory(command, request);
    const reply = command.run(this, request, caller);
    if (!command.writes || !command.transacts || (this.watchers.isEmpty && this.#told === undefined)) return reply;
    this.#tell(request.keys, command.name);
    return reply;
  }

  /** Hot path. Whether effects, including those of the current command, are not written yet. */
  #mustWait(): boolean {
    if (this.journal === undefined) return false;
    if (this.#told === undefined) this.journal.commit();
    return this.journal.isPending;
  }

  #know(channel: string, stream: Stream | undefined, once: Once): void {
    const { publishers } = this.streams;
    if (stream === undefined) publishers.add(publishers.of(channel), once, 0);
    else this.streams.know(stream, once, stream.top, this.now());
  }

  #send(publication: Publication, stream: Stream | undefined, isFromClient: boolean): void {
    if (this.#mustWait()) {
      this.#publishLater(publication, stream, isFromClient);
      return;
    }
    this.#deliver(publication, stream);
    if (isFromClient) this.owner.published?.(publication.channel, publication.payload);
  }

  #publishLater(given: Publication, stream: Stream | undefined, isFromClient: boolean): void {
    // Copy the payload: its buffer may be reused for the next frame.
    const { channel, payload, isVolatile, offset, epoch } = given;
    const publication = new Publication(channel, Uint8Array.from(payload), isVolatile, offset, epoch);
    publication.headers = given.headers;
    this.whenWritten(() => {
      this.#deliver(publication, stream);
      if (isFromClient) this.owner.published?.(channel, publication.payload);
    });
  }

  #deliver(publication: Publication, stream: Stream | undefined): void {
    if (stream !== undefined) stream.delivered = publication.offset;
    this.publicationCount++;
    this.topics.publish(publication);
  }

  #undo(undo: Undo): void {
    this.#afterwards = [];
    this.journal?.discard();
    undo.restore(this.tree);
    this.journal?.commit();
  }

  /** Notifies watchers now, or after the running transaction has succeeded. */
  #tell(keys: readonly string[], name: string): void {
    if (this.#told === undefined) this.#notify(keys, name);
    else this.#told.push({ keys, name });
  }

  #notify(keys: readonly string[], name: string): void {
    if (this.watchers.isEmpty) return;
    // The log must contain a change before watchers are notified of it.
    this.journal?.commit();
    this.watchers.notify(keys, name);
  }

  /** Removes a limited number of due chains, and all due chains that the command could read. */
  #expireFor(command: Command, { keys }: CommandRequest): void {
    if (!this.#expire(expiriesPerCommand) || !command.transacts) return;
    for (const due of this.expiry.dueAround(keys, this.now())) this.#remove(due);
  }

  /** Removes up to `count` due chains. Returns whether more may be due. */
  #expire(count: number): boolean {
    const now = this.now();
    for (let i = 0; i < count; i++) {
      const due = this.expiry.due(now);
      if (due === undefined) return false;
      this.#remove(due);
    }
    return true;
  }

  #remove(keys: readonly string[], name = 'expire'): void {
    this.tree.remove(keys);
    this.expiry.removeBeneath(keys);
    this.#tell(keys, name);
  }

  #admitMemory(command: Command, request: CommandRequest): void {
    const bytes = (command.growth?.(this, request) ?? 0) + request.end - request.payloadStart;
    if (command.growth !== undefined && bytes > 0) this.#memory.admit(bytes);
  }
}

function requestFor(keys: readonly string[]): CommandRequest {
  const request = new CommandRequest();
  request.keys = keys;
  return request;
}
