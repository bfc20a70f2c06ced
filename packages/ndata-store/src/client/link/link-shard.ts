import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { AbortedError, BadConnectionError, InvalidActionError, hydrateError } from 'sc-protocol';
import type { Call } from '../../commands/call.js';
import { renewed } from '../../commands/store.js';
import type { ChannelHandle, ChannelSink, Since } from '../../channel-sink.js';
import type { ShardState, ShardStatus } from '../../store.js';
import { replyCodes } from '../../wire/codes.js';
import { FrameReader } from '../../wire/frame-reader.js';
import { maxReplyBytes } from '../../wire/frame.js';
import { ChannelSinks } from '../channel-sinks.js';
import { ChannelSubscriptions } from '../channel-subscriptions.js';
import type { ResolvedLinkOptions } from '../options.js';
import { MemberLane } from '../member-lane.js';
import { OrderLane } from '../order-lane.js';
import type { Shard, ShardOwner } from '../shard.js';
import type { ShardPlace } from '../../wire/login.js';
import { addressText, dial, isRefusal, type StoreAddress, type StoreLimits } from './dial.js';
import { boundProblem, frameBytes, frameProblem } from './frame-bounds.js';
import { LinkOutput, closeSoon } from './link-output.js';
import { nextLinkState } from './link-state.js';
import type { LinkEvent } from './link-state.js';
import { PendingCalls } from './pending-calls.js';
import type { ControlCall, PendingCall } from './pending-calls.js';
import { Reconnection } from './reconnection.js';
import { renewInTurns } from './renew-in-turns.js';
import { RetainedCalls } from './retained-calls.js';
import { routePush } from './route-push.js';
import type { PushTargets } from './route-push.js';
import { Silence, ping, probe } from './silence.js';
import { Subscriptions } from './subscriptions.js';
import type { ControlLane } from './subscriptions.js';
import { UnackedPublications } from './unacked.js';

/** A store behind a link. Reconnects after each loss of the link. */
export class LinkShard implements Shard, ControlLane {
  readonly name: string;
  readonly orders: OrderLane;
  readonly members: MemberLane;
  readonly #address: StoreAddress;
  readonly #options: ResolvedLinkOptions;
  readonly #owner: ShardOwner;
  readonly #place: ShardPlace | undefined;
  readonly #calls: PendingCalls;
  readonly #unacked: UnackedPublications;
  readonly #sinks: ChannelSinks;
  readonly #subscriptions: Subscriptions;
  readonly #promised: ChannelSubscriptions;
  readonly #retained: RetainedCalls;
  readonly #targets: PushTargets;
  readonly #reconnection: Reconnection;
  readonly #silence: Silence;
  readonly #output = new LinkOutput();
  #reader = new FrameReader(maxReplyBytes);
  #state: ShardState = 'connecting';
  /** Limits announced by the store at its last login. */
  #limits: StoreLimits | undefined;
  /** Whether calls are sent. A new link first restores the subscriptions and retained calls of its predecessor. */
  #takesCalls = false;
  #socket: Socket | undefined;
  #abandonDial: () => void;
  #refused = 0;
  #linksLost = 0;
  #lastError: Error | undefined;
  #isDraining = false;

  constructor(address: StoreAddress, options: ResolvedLinkOptions, owner: ShardOwner, place?: ShardPlace) {
    this.name = addressText(address);
    this.#place = place;
    const { callTimeoutMs: timeoutMs } = options;
    [this.#address, this.#options, this.#owner] = [address, options, owner];
    const reason = (): Error | undefined => this.#lastError;
    this.#calls = new PendingCalls({ timeoutMs, reason });
    const onError = (error: Error): void => owner.warned(error);
    this.#unacked = new UnackedPublications({ probe: (done) => this.#probe(done), onLoss: onError });
    this.#sinks = new ChannelSinks(onError);
    this.#subscriptions = new Subscriptions(this, this.#sinks);
    this.#promised = new ChannelSubscriptions({ shard: this, timeoutMs, reason, owner });
    this.#retained = new RetainedCalls({ lane: this, timeoutMs, reason, onFail: onError });
    this.orders = new OrderLane({ lane: this, isLocal: 'socketPath' in address, timeoutMs, onError });
    this.members = new MemberLane({ lane: this, timeoutMs, reason, onError, onEvent: owner.memberChanged });
    this.#targets = { owner, sinks: this.#sinks, orders: this.orders, watches: this.members.watches };
    this.#silence = new Silence({
      timeoutMs,
      expectsAnswer: () => this.#calls.expectsAnswer,
      probe: () => this.control({ call: ping, settled: () => undefined, failed: () => undefined }),
      onSilence: () => {
        this.#socket?.destroy(
          new BadConnectionError(`The store has sent nothing for ${timeoutMs} ms (\`callTimeoutMs\`)`),
        );
      },
    });
    this.#reconnection = new Reconnection(options, () => this.#dial());
    this.#abandonDial = this.#startDial();
  }

  /** Whether control calls can be sent. */
  get isOpen(): boolean {
    return this.#state === 'ready';
  }

  call<Result>(call: Call<Result>): Promise<Result> {
    try {
      const refusal = this.#closedError() ?? this.#limitError(call);
      return refusal === undefined ? this.#issue(call) : Promise.reject(refusal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Hot path. */
  send(call: Call): void {
    const closed = this.#closedError();
    const limit = closed ?? this.#limitError(call);
    if (closed !== undefined) {
      this.#owner.warned(closed);
    } else if (limit !== undefined) {
      this.#unacked.failed(limit);
    } else if (this.#takesCalls) {
      this.#unacked.sent(this.#output.write(call, 0));
    } else {
      this.#issue(call).catch((error: unknown) => this.#unacked.failed(error as Error));
    }
  }

  control(control: ControlCall): void {
    const id = this.#calls.addControl(control);
    try {
      this.#output.write(control.call, id);
    } catch (error) {
      this.#calls.fail(id, error as Error);
    }
  }

  retain(id: string, call: Call): Promise<unknown> {
    const refusal = this.#closedError();
    return refusal === undefined ? this.#retained.retain(id, call) : Promise.reject(refusal);
  }

  release(id: string, undo: Call): Promise<unknown> {
    const refusal = this.#closedError();
    return refusal === undefined ? this.#retained.release(id, undo) : Promise.reject(refusal);
  }

  open(channel: string, sink: ChannelSink, since: Since | undefined): ChannelHandle {
    const refusal = this.#closedError();
    if (refusal !== undefined) throw refusal;
    return this.#subscriptions.open(channel, sink, since);
  }

  subscribe(channel: string): Promise<void> {
    return this.#promised.subscribe(channel);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#promised.unsubscribe(channel);
  }

  subscriptions(): string[] {
    return this.#sinks.open();
  }

  isSubscribed(channel: string): boolean {
    return this.#sinks.isOpen(channel);
  }

  status(): ShardStatus {
    return {
      name: this.name,
      // A link does not take calls until the state of its predecessor is restored: report it as connecting.
      state: this.#state === 'ready' && !this.#takesCalls ? 'connecting' : this.#state,
      pendingCalls: this.#calls.size + this.#calls.controlSize,
      unacked: this.#unacked.count,
      refused: this.#refused,
      lost: this.#unacked.lost,
      linksLost: this.#linksLost,
      subscriptions: this.#sinks.openCount,
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

  /** Returns and counts an error if the call exceeds a limit. Throws if its options are not serializable. Hot path. */
  #limitError(call: Call): Error | undefined {
    const problem = boundProblem(call, {
      options: this.#options,
      calls: this.#calls.size + this.#unacked.count,
      bytes: Math.max(this.#calls.unsentBytes + this.#output.bytes, this.#unacked.bytes),
      maxFrameBytes: this.#limits?.maxFrameBytes ?? Infinity,
    });
    if (problem !== undefined) this.#refused++;
    return problem;
  }

  #issue<Result>(call: Call<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const pending: PendingCall = {
        id: this.#calls.takeId(),
        name: call.name,
        decode: call.decode,
        call,
        again: undefined,
        // Most calls are sent immediately, so their size is not needed.
        bytes: this.#takesCalls ? 0 : frameBytes(call),
        deadlineAt: this.#calls.deadline(),
        resolve: resolve as PendingCall['resolve'],
        reject,
      };
      this.#calls.add(pending);
      if (this.#takesCalls) this.#send(pending);
    });
  }

  #send(pending: PendingCall): void {
    const call = this.#calls.sent(pending);
    if (call === undefined) return;
    try {
      this.#output.write(call, pending.id);
    } catch (error) {
      this.#calls.fail(pending.id, error as Error);
    }
  }

  #probe(done: () => void): void {
    if (this.isOpen) this.control({ call: probe, settled: done, failed: done });
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
      place: this.#place,
      onWelcome: (socket, limits) => this.#welcome(socket, limits),
      onData: (buffer, length) => this.#read(buffer, length),
      onFail: (error) => this.#dialFailed(error),
    });
  }

  /** A refusal is final, unless the store has accepted this client before: its configuration may be corrected. */
  #dialFailed(error: Error): void {
    const isRefused = isRefusal(error);
    if (isRefused && this.#limits !== undefined && this.#lastError?.message !== error.message)
      this.#owner.warned(error);
    if (isRefused && this.#limits === undefined) this.#end(error);
    else this.#lost(error);
  }

  #welcome(socket: Socket, limits: StoreLimits): void {
    if (!this.#move('welcome')) return;
    this.#socket = socket;
    this.#limits = limits;
    this.#reader = new FrameReader(maxReplyBytes);
    this.#output.use(socket);
    this.#lastError = undefined;
    this.#reconnection.succeeded();
    socket.on('close', () => {
      if (this.#socket === socket) this.#lost(new BadConnectionError('The link to the store was lost'));
    });
    socket.on('error', (error) => (this.#lastError = error));
    this.#silence.start();
    this.#renew(socket);
  }

  *#renewal(): Generator<void, void> {
    yield* this.#subscriptions.renewal();
    yield* this.#retained.renewal();
    yield* this.members.renewal();
    yield* this.orders.renewal();
  }

  #renew(socket: Socket): void {
    const goOn = (): void => this.#renewed(socket);
    renewInTurns(socket, this.#renewal(), {
      isCurrent: () => this.#socket === socket,
      flush: () => this.#output.flush(),
      // A restarted store responds once its other clients have resubscribed; another version may respond with an error.
      done: () => this.control({ call: renewed.call(), settled: goOn, failed: goOn }),
    });
  }

  #renewed(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#takesCalls = true;
    for (const pending of this.#calls.unsent()) this.#sendWaiting(pending);
    this.#owner.ready(this);
  }

  /** Re-checks calls that were accepted before the store's limits were known. */
  #sendWaiting(pending: PendingCall): void {
    const { call } = pending;
    const problem = call && this.#limits && frameProblem(call, this.#limits.maxFrameBytes);
    if (problem === undefined) this.#send(pending);
    else this.#calls.fail(pending.id, problem);
  }

  #lost(error: Error): void {
    const wasReady = this.#state === 'ready';
    if (!this.#move('lost')) return;
    // The error of a broken socket is more specific.
    this.#lastError = wasReady ? (this.#lastError ?? error) : error;
    this.#socket = undefined;
    this.#takesCalls = false;
    this.#output.use(undefined);
    this.#silence.stop();
    this.#calls.linkLost(error);
    this.#unacked.linkLost(error);
    this.#retained.lost();
    this.members.lost();
    this.orders.lost();
    this.#subscriptions.lost(error);
    if (wasReady) {
      this.#linksLost++;
      this.#owner.lost(this, this.#lastError);
    }
    // `owner.lost` may have closed the client.
    if (nextLinkState(this.#state, 'dial') !== undefined) this.#reconnection.schedule();
  }

  #end(error: Error | undefined): void {
    const socket = this.#socket;
    const reason = error ?? new AbortedError('The store client was closed');
    if (nextLinkState(this.#state, 'close') !== undefined) this.orders.end(reason);
    if (!this.#move('close')) return;
    this.#abandonDial();
    this.#reconnection.stop();
    this.#silence.stop();
    this.#takesCalls = false;
    if (socket !== undefined) {
      this.#output.flush();
      closeSoon(socket);
    }
    if (error !== undefined) this.#lastError = error;
    this.#calls.failAll(reason);
    this.#unacked.stop();
    this.#retained.end(reason);
    this.members.close(reason);
    this.#subscriptions.end(reason);
    this.#owner.ended(this, error);
  }

  /** Hot path. */
  #read(buffer: Buffer, length: number): void {
    const reader = this.#reader;
    this.#silence.heard();
    try {
      reader.lend(buffer, length);
      while (reader.next()) this.#take(reader);
      reader.settle();
    } catch (error) {
      // The rest of the stream cannot be parsed.
      this.#owner.warned(error as Error);
      this.#socket?.destroy();
    }
  }

  #take(reader: FrameReader): void {
    const { code, id, buffer, start, end } = reader;
    if (code === replyCodes.done) this.#calls.settle(id, buffer, start, end);
    else if (code === replyCodes.failed) this.#failed(id, buffer, start, end);
    else routePush(this.#targets, reader);
  }

  #failed(id: number, buffer: Buffer, start: number, end: number): void {
    const error = hydrateError(JSON.parse(buffer.toString('utf8', start, end)));
    if (id === 0) this.#owner.warned(error);
    else this.#calls.fail(id, error);
  }
}
