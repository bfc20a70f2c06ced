import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import {
  AbortedError,
  AuthError,
  BadConnectionError,
  InvalidActionError,
  InvalidFrameError,
  ResourceLimitError,
  hydrateError,
} from 'sc-protocol';
import type { Call } from '../../commands/call.js';
import { hasKey } from '../../commands/read.js';
import type { ShardState, ShardStatus } from '../../store.js';
import { replyCodes } from '../../wire/codes.js';
import { FrameReader } from '../../wire/frame-reader.js';
import { FrameWriter } from '../../wire/frame-writer.js';
import { maxReplyBytes } from '../../wire/frame.js';
import { dial } from './dial.js';
import type { StoreAddress } from './dial.js';
import { nextLinkState } from './link-state.js';
import type { LinkEvent } from './link-state.js';
import type { ResolvedLinkOptions } from '../options.js';
import { PendingCalls } from './pending-calls.js';
import type { PendingCall } from './pending-calls.js';
import { Reconnection } from './reconnection.js';
import type { Shard, ShardOwner } from '../shard.js';
import { RetainedCalls } from './retained-calls.js';
import { Subscriptions } from './subscriptions.js';
import { routePush } from './route-push.js';
import { UnackedPublications } from './unacked.js';

/** Frames collected in a loop turn leave early when they are this many bytes. */
const flushBytes = 64 * 1024;

/** Milliseconds that a store has to take what is waiting for it when the client closes. */
const closeGraceMs = 1000;

/** A command that changes nothing and costs little: its answer says that everything before it was taken. */
const probe = hasKey.call('');

/** A store behind a link, which is dialled again whenever it is lost. */
export class LinkShard implements Shard {
  readonly name: string;
  readonly #address: StoreAddress;
  readonly #options: ResolvedLinkOptions;
  readonly #owner: ShardOwner;
  readonly #calls: PendingCalls;
  readonly #unacked: UnackedPublications;
  readonly #subscriptions: Subscriptions;
  readonly #retained: RetainedCalls;
  readonly #reconnection: Reconnection;
  readonly #writer = new FrameWriter();
  #reader = new FrameReader(maxReplyBytes);
  #state: ShardState = 'connecting';
  #socket: Socket | undefined;
  #abandonDial: () => void;
  #flushScheduled = false;
  #waitingBytes = 0;
  #refused = 0;
  #lastError: Error | undefined;
  #isDraining = false;

  constructor(address: StoreAddress, options: ResolvedLinkOptions, owner: ShardOwner) {
    this.name = 'socketPath' in address ? address.socketPath : `${address.host ?? '127.0.0.1'}:${address.port}`;
    this.#address = address;
    this.#options = options;
    this.#owner = owner;
    this.#calls = new PendingCalls({
      timeoutMs: options.callTimeoutMs,
      onSilence: () => this.#socket?.destroy(new BadConnectionError('The store has fallen silent')),
      reason: () => this.#lastError,
    });
    this.#unacked = new UnackedPublications({
      probe: () => this.#issue(probe),
      onLoss: (count, reason) => owner.warned(lossError(count, reason)),
    });
    this.#subscriptions = new Subscriptions(this, owner);
    this.#retained = new RetainedCalls(this, (error) => owner.warned(error));
    this.#reconnection = new Reconnection(options, () => this.#dial());
    this.#abandonDial = this.#startDial();
  }

  call<Result>(call: Call<Result>): Promise<Result> {
    const refusal = this.#closedError() ?? this.#limitError();
    return refusal === undefined ? this.#issue(call) : Promise.reject(refusal);
  }

  /** Hot path. */
  send(call: Call): void {
    const closed = this.#closedError();
    if (closed !== undefined) {
      this.#owner.warned(closed);
      return;
    }
    const limit = this.#limitError();
    if (limit !== undefined) {
      this.#unacked.failed(limit);
    } else if (this.#state === 'ready') {
      this.#unacked.sent(this.#write(call, 0));
    } else {
      this.#issue(call).catch((error: unknown) => this.#unacked.failed(error as Error));
    }
  }

  retain(id: string, call: Call): Promise<unknown> {
    return this.#retained.retain(id, call);
  }

  release(id: string, undo: Call): Promise<unknown> {
    return this.#retained.release(id, undo);
  }

  subscribe(channel: string): Promise<void> {
    return this.#subscriptions.subscribe(channel);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#subscriptions.unsubscribe(channel);
  }

  subscriptions(): string[] {
    return this.#subscriptions.confirmed();
  }

  isSubscribed(channel: string): boolean {
    return this.#subscriptions.isConfirmed(channel);
  }

  status(): ShardStatus {
    return {
      name: this.name,
      state: this.#state,
      pendingCalls: this.#calls.size,
      unacked: this.#unacked.count,
      refused: this.#refused,
      lost: this.#unacked.lost,
      subscriptions: this.#subscriptions.confirmed().length,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#unacked.settle();
    await this.#calls.whenEmpty();
    await this.close();
  }

  close(): Promise<void> {
    const socket = this.#socket;
    const isClosed = socket === undefined || socket.closed;
    const closed = isClosed ? Promise.resolve() : new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#end(undefined);
    return closed;
  }

  #closedError(): Error | undefined {
    const isOver = this.#state === 'closed' || this.#isDraining;
    return isOver ? new InvalidActionError('The store client is closed') : undefined;
  }

  /** Why one more must not wait, if so; that is counted. */
  #limitError(): Error | undefined {
    const { maxPendingCalls, maxPendingBytes } = this.#options;
    const bytes = Math.max(this.#waitingBytes + this.#writer.length, this.#unacked.bytes);
    if (this.#calls.size + this.#unacked.count < maxPendingCalls && bytes <= maxPendingBytes) return undefined;
    this.#refused++;
    if (bytes > maxPendingBytes) {
      return new ResourceLimitError(`More than ${maxPendingBytes} bytes wait for the store`, {
        limit: 'maxPendingBytes',
      });
    }
    return new ResourceLimitError(`More than ${maxPendingCalls} calls wait for the store`, {
      limit: 'maxPendingCalls',
    });
  }

  #issue<Result>(call: Call<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const pending: PendingCall = {
        id: this.#calls.takeId(),
        call,
        deadlineAt: this.#calls.deadline(),
        resolve: resolve as PendingCall['resolve'],
        reject,
        sent: false,
      };
      this.#calls.add(pending);
      if (this.#state === 'ready') this.#send(pending);
      else this.#waitingBytes += call.payload?.length ?? 0;
    });
  }

  #send(pending: PendingCall): void {
    pending.sent = true;
    this.#write(pending.call, pending.id);
  }

  /** Hot path. Returns how many bytes the command takes. */
  #write(call: Call, id: number): number {
    const writer = this.#writer;
    writer.begin(call.code, id);
    writer.head(call.keys, call.options);
    if (call.payload !== undefined) writer.encoded(call.payload);
    const bytes = writer.end();
    if (writer.length > flushBytes) this.#flush();
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      // At the end of the loop turn, so that all calls of the turn leave in one write.
      setImmediate(this.#flushLater);
    }
    return bytes;
  }

  readonly #flushLater = (): void => {
    this.#flushScheduled = false;
    this.#flush();
  };

  #flush(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#writer.flush(socket);
    this.#waitingBytes = socket.writableLength;
  }

  #move(event: LinkEvent): boolean {
    const state = nextLinkState(this.#state, event);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }

  #dial(): void {
    if (this.#move('dial')) this.#abandonDial = this.#startDial();
  }

  #startDial(): () => void {
    return dial({
      address: this.#address,
      secret: this.#options.secret,
      tls: this.#options.tls,
      timeoutMs: this.#options.connectTimeoutMs,
      onWelcome: (socket) => this.#welcome(socket),
      onData: (buffer, length) => this.#read(buffer, length),
      onFail: (error) => {
        // Neither a wrong secret nor another protocol goes away by trying again.
        if (error instanceof AuthError || error instanceof InvalidFrameError) this.#end(error);
        else this.#lost(error);
      },
    });
  }

  #welcome(socket: Socket): void {
    if (!this.#move('welcome')) return;
    this.#socket = socket;
    this.#reader = new FrameReader(maxReplyBytes);
    this.#writer.clear();
    this.#waitingBytes = 0;
    this.#lastError = undefined;
    this.#reconnection.succeeded();
    socket.on('drain', () => (this.#waitingBytes = 0));
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost(new BadConnectionError('The link to the store was lost'));
    });
    socket.on('error', (error) => (this.#lastError = error));
    const waiting = this.#calls.unsent();
    this.#subscriptions.renew();
    this.#retained.renew();
    for (const call of waiting) this.#send(call);
    this.#owner.ready(this);
  }

  #lost(error: Error): void {
    const wasReady = this.#state === 'ready';
    if (!this.#move('lost')) return;
    // A socket that broke has said more exactly why.
    this.#lastError = wasReady ? (this.#lastError ?? error) : error;
    this.#socket = undefined;
    this.#writer.clear();
    this.#waitingBytes = 0;
    this.#calls.failSent(error);
    this.#unacked.linkLost(error);
    this.#subscriptions.lost();
    if (wasReady) this.#owner.lost(this, error);
    // The owner may have closed the client.
    if (nextLinkState(this.#state, 'dial') !== undefined) this.#reconnection.schedule();
  }

  #end(error: Error | undefined): void {
    const socket = this.#socket;
    if (!this.#move('close')) return;
    this.#abandonDial();
    this.#reconnection.stop();
    if (socket !== undefined) {
      this.#writer.flush(socket);
      socket.destroySoon();
      // A store that has stopped reading is not waited for.
      const timer = setTimeout(() => socket.destroy(), closeGraceMs);
      socket.once('close', () => clearTimeout(timer));
    }
    if (error !== undefined) this.#lastError = error;
    this.#calls.failAll(error ?? new AbortedError('The store client was closed'));
    this.#unacked.stop();
    this.#subscriptions.end();
    this.#owner.ended(this, error);
  }

  /** Hot path. */
  #read(buffer: Buffer, length: number): void {
    const reader = this.#reader;
    try {
      reader.lend(buffer, length);
      while (reader.next()) this.#take(reader);
      reader.settle();
    } catch (error) {
      // The bytes that follow mean nothing any more.
      this.#owner.warned(error as Error);
      this.#socket?.destroy();
    }
  }

  #take(reader: FrameReader): void {
    const { code, id, buffer, start, end } = reader;
    if (code === replyCodes.done) this.#answer(id, buffer, start, end);
    else if (code === replyCodes.failed) this.#failed(id, buffer, start, end);
    else routePush(this.#owner, reader);
  }

  #answer(id: number, buffer: Buffer, start: number, end: number): void {
    const pending = this.#calls.take(id);
    if (pending === undefined) return;
    let value: unknown;
    try {
      value = pending.call.decode(buffer, start, end);
    } catch (error) {
      pending.reject(error);
      return;
    }
    pending.resolve(value);
  }

  #failed(id: number, buffer: Buffer, start: number, end: number): void {
    const error = hydrateError(JSON.parse(buffer.toString('utf8', start, end)));
    if (id === 0) this.#owner.warned(error);
    else this.#calls.take(id)?.reject(error);
  }
}

function lossError(count: number, reason: Error): Error {
  const text = `Publications without an ack that were lost, or may have been: ${count}. ${reason.message}`;
  const Kind = reason instanceof ResourceLimitError ? ResourceLimitError : BadConnectionError;
  return new Kind(text, undefined, { cause: reason });
}
