import { randomBytes } from 'node:crypto';
import { StoreUnavailableError } from 'sc-protocol';
import { join, joinMany, leave } from '../commands/members.js';
import type { JoinedEntry } from '../commands/members.js';
import { systemClock } from '../data/member-graces.js';
import type { MemberClock } from '../data/member-graces.js';
import type { Membership, MembershipEnd } from '../member-sink.js';
import { encodeData, toStored } from '../values.js';
import type { StoredValue } from '../values.js';
import type { ControlLane } from './link/subscriptions.js';
import { MemberEvents } from './member-events.js';
import type { MemberEventsOptions } from './member-events.js';
import { MemberWatches } from './member-watches.js';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface HeldMembership extends Omit<Membership, 'info'> {
  readonly info: StoredValue;
  readonly at: number;
  /** Grace period given by the caller. Default: that of the channel. */
  readonly graceMs: number | undefined;
  /** The socket was lost, and the store has not acknowledged it yet. */
  isLost: boolean;
  waiting: Waiting | undefined;
}

export interface MemberLaneOptions {
  readonly lane: ControlLane;
  /** Milliseconds for the store to acknowledge a `join`. */
  readonly timeoutMs: number;
  /** Why the store cannot be reached, if known. */
  readonly reason: () => Error | undefined;
  readonly onError: (error: Error) => void;
  readonly onEvent: MemberEventsOptions['onEvent'];
  readonly clock?: MemberClock;
  readonly now?: () => number;
}

/** Maximum number of members in one renewal frame, and their approximate size in bytes. */
const renewedPerFrame = 1000;
const renewedBytes = 64 * 1024;

/**
 * The client side of the members of one store. Each socket is sent to the store once; from then on the open link keeps
 * it alive. After a reconnect all held memberships are sent again, and the store removes memberships that were not sent
 * again.
 */
export class MemberLane {
  readonly watches: MemberWatches;
  readonly events: MemberEvents;
  readonly #options: MemberLaneOptions;
  readonly #origin = randomBytes(12).toString('base64url');
  readonly #held = new Map<string, HeldMembership>();
  readonly #leaving = new Set<() => void>();
  readonly #now: () => number;
  /** This process has been announced to the store on the current link. */
  #isAnnounced = false;
  /** All held memberships have been sent on the current link. */
  #isRenewed = false;
  /** The life of the store that was reached last. */
  #life: string | undefined;
  #lastAt = 0;

  constructor(options: MemberLaneOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { lane, clock = systemClock, onError, onEvent, timeoutMs, reason } = options;
    this.watches = new MemberWatches(lane, clock, onError);
    this.events = new MemberEvents({ watches: this.watches, timeoutMs, reason, onEvent });
  }

  /** Adds a user as a member, or replaces the info. Restores the membership after link losses and store restarts. */
  hold(membership: Membership, graceMs?: number): void {
    this.#hold(membership, graceMs, undefined);
  }

  /** Like `hold`. Resolves when the store has acknowledged it. On timeout it rejects and drops the membership. */
  join(membership: Membership, graceMs?: number): Promise<void> {
    const { timeoutMs, reason } = this.#options;
    return new Promise((resolve, reject) => {
      const late = (): void => {
        const text = `The store did not take "join" within ${timeoutMs} ms (\`callTimeoutMs\`)`;
        this.#failed(held, new StoreUnavailableError(text, undefined, { cause: reason() }));
      };
      const timer = setTimeout(late, Math.min(timeoutMs, 2 ** 31 - 1));
      const held = this.#hold(membership, graceMs, { resolve, reject, timer });
    });
  }

  /**
   * Ends the membership of a socket. Resolves when the store has acknowledged it; without a link it resolves
   * immediately and the store is notified after the reconnect.
   */
  end(channel: string, user: string, socket: string, end: MembershipEnd): Promise<void> {
    const { lane } = this.#options;
    const key = keyOf(channel, user, socket);
    const held = this.#held.get(key);
    const isLost = end === 'lost';
    if (held !== undefined) settle(held);
    // Keep the entry until the store has acknowledged it: after a link loss the next link must resend the running
    // grace.
    if (held !== undefined && isLost) held.isLost = true;
    else this.#held.delete(key);
    if (!lane.isOpen || !this.#isAnnounced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#leaving.delete(done);
        resolve();
      };
      const told = (): void => {
        if (held !== undefined) this.#forget(held);
        done();
      };
      this.#leaving.add(done);
      const failed = (error: Error): void => {
        this.#leaving.delete(done);
        reject(error);
      };
      lane.control({ call: leave.call(channel, user, { socket, isLost }), settled: told, failed });
    });
  }

  /** Sends all held memberships again, in as few frames as possible, and requests the watched lists again. */
  *renewal(): Generator<void, void> {
    let chunk: HeldMembership[] = [];
    let bytes = 0;
    for (const held of this.#held.values()) {
      chunk.push(held);
      bytes += held.channel.length + held.user.length + held.info.length;
      if (chunk.length < renewedPerFrame && bytes < renewedBytes) continue;
      this.#renew(chunk, false);
      chunk = [];
      bytes = 0;
      yield;
    }
    if (this.#isAnnounced || chunk.length > 0) this.#renew(chunk, true);
    this.#isRenewed = true;
    yield* this.watches.renewal();
  }

  lost(): void {
    this.#isAnnounced = false;
    this.#isRenewed = false;
    this.watches.lost();
    for (const done of [...this.#leaving]) done();
  }

  close(error: Error): void {
    for (const held of this.#held.values()) settle(held, error);
    this.#held.clear();
    this.lost();
    this.watches.end(error);
  }

  #hold(membership: Membership, graceMs: number | undefined, waiting: Waiting | undefined): HeldMembership {
    const { channel, user, socket } = membership;
    const info = toStored(encodeData(membership.info));
    // The newest info of a user applies, so timestamps must increase strictly, even within one millisecond.
    const at = (this.#lastAt = Math.max(this.#lastAt + 0.001, this.#now()));
    const held: HeldMembership = { channel, user, socket, info, at, graceMs, isLost: false, waiting };
    const key = keyOf(channel, user, socket);
    const before = this.#held.get(key);
    // This membership supersedes the earlier one, so settle the earlier `join`.
    if (before !== undefined) settle(before);
    this.#held.set(key, held);
    if (!this.#options.lane.isOpen) return held;
    if (this.#isAnnounced) this.#ask(held);
    else if (this.#isRenewed) this.#renew([held], true);
    return held;
  }

  #ask(held: HeldMembership): void {
    const { channel, user, socket, at, graceMs, info } = held;
    this.#options.lane.control({
      call: join.call(channel, user, { socket, at, graceMs }, info),
      settled: () => settle(held),
      failed: (error) => this.#failed(held, error),
    });
  }

  #renew(chunk: readonly HeldMembership[], isLast: boolean): void {
    const entries = chunk.map(({ channel, user, socket, at, info, graceMs = null, isLost }): JoinedEntry => [
      channel,
      user,
      socket,
      at,
      info,
      graceMs,
      isLost,
    ]);
    const wasLost = new Set(chunk.filter(({ isLost }) => isLost));
    const isFirst = !this.#isAnnounced;
    this.#isAnnounced = true;
    const call = joinMany.call(this.#origin, entries, { isFirst, isLast, life: isFirst ? this.#life : undefined });
    this.#options.lane.control({
      call,
      settled: (buffer, start, end) => {
        this.#life = call.decode(buffer, start, end);
        for (const held of chunk) {
          settle(held);
          if (held.isLost && wasLost.has(held)) this.#forget(held);
        }
      },
      failed: (error) => chunk.forEach((held) => this.#failed(held, error)),
    });
  }

  #forget(held: HeldMembership): void {
    const key = keyOf(held.channel, held.user, held.socket);
    if (this.#held.get(key) === held) this.#held.delete(key);
  }

  #failed(held: HeldMembership, error: Error): void {
    this.#forget(held);
    if (held.waiting === undefined) this.#options.onError(error);
    else settle(held, error);
  }
}

function settle(held: HeldMembership, error?: Error): void {
  const { waiting } = held;
  held.waiting = undefined;
  clearTimeout(waiting?.timer);
  if (error === undefined) waiting?.resolve();
  else waiting?.reject(error);
}

function keyOf(channel: string, user: string, socket: string): string {
  return `${channel.length} ${user.length} ${channel}${user}${socket}`;
}
