import {
  BadConnectionError,
  InvalidActionError,
  type MembersAck,
  type PresenceChange,
  type WireMember,
  isRetryable,
} from 'sc-protocol';
import { membersFrame, presenceEvent, presenceFrame, subscribeFrame, unsubscribeFrame } from 'sc-protocol/client';
import { Emitter, type SCChannel, throwLater } from 'sc-channel';
import type { Inbound } from './inbound.js';
import type { Outbound } from './outbound.js';

/** A user in a channel. */
export interface ChannelMember {
  /** Name of the user: a claim of its auth token, or the socket id if there is none. */
  readonly user: string;
  /** Data that other members see in addition to the name. */
  readonly info: unknown;
}

/** Changes in the members of a channel. No user is in two of the lists. */
export interface MembersChange {
  /** Users that have joined. */
  readonly joins: readonly ChannelMember[];
  /** Users that have left, with their last info. */
  readonly leaves: readonly ChannelMember[];
  /** Users whose info has changed. */
  readonly updates: readonly ChannelMember[];
}

/** Options of `presence`. */
export interface PresenceOptions {
  /**
   * Data about this user that other members see, at most 1 KiB of JSON; the server may decide otherwise. @default none
   */
  readonly info?: unknown;
  /** Whether this user becomes a member. @default true */
  readonly join?: boolean;
  /** Follow only the number of members, at most once a second. @default false */
  readonly countOnly?: boolean;
  /** Called with refusals and with errors thrown by listeners. @default rethrown as an uncaught error */
  readonly onError?: (error: unknown) => void;
}

/** Events of a presence. */
export type PresenceEvents = {
  /** The list, or with `countOnly` the number, has changed. Not emitted after a reconnect without changes. */
  change: [change: MembersChange];
};

/** The current members of a channel. */
export interface Presence {
  /** Number of members. */
  readonly count: number;
  /** The members in no particular order; empty with `countOnly`. Unchanged while the connection is lost. */
  list(): ChannelMember[];
  /** Adds a listener. */
  on<Name extends keyof PresenceEvents>(event: Name, listener: (...args: PresenceEvents[Name]) => unknown): Presence;
  /** Removes a listener, or all. */
  off<Name extends keyof PresenceEvents>(event: Name, listener?: (...args: PresenceEvents[Name]) => unknown): Presence;
  /** Replaces this user's info, now and after each reconnect. */
  update(info: unknown): Promise<void>;
  /** Leaves the channel, and ends the subscription of this channel handle. */
  stop(): void;
}

/** Milliseconds before the request for members is retried after a failure. */
const retryMs = 1000;

/** Makes the user a member of the channel and follows its members. Subscribes the channel. */
export function presence(channel: SCChannel, options: PresenceOptions = {}): Presence {
  const { join = true, countOnly = false, onError = throwLater } = options;
  const { name, set } = channel;
  const { inbound, outbound } = set.owner.carrier as { inbound: Inbound; outbound: Outbound };
  const events = new Emitter<PresenceEvents>(onError);
  let { info } = options;
  let users = new Map<string, unknown>();
  /** The pages of the list that have been read, while reading is in progress. */
  let reading: Map<string, unknown> | undefined;
  let version = '';
  let count = 0;
  /** Version of the request, so that stale responses are ignored. */
  let turn = 0;
  let isStopped = false;

  const call = (frame: (callId: number) => object): Promise<unknown> =>
    outbound.call({ label: `the presence of "${name}"`, timeoutMs: 10_000, frame });

  const emit = (next: Map<string, unknown>): void => {
    const joins: ChannelMember[] = [];
    const leaves: ChannelMember[] = [];
    const updates: ChannelMember[] = [];
    for (const [user, known] of next) {
      if (!users.has(user)) joins.push({ user, info: known });
      else if (JSON.stringify(users.get(user)) !== JSON.stringify(known)) updates.push({ user, info: known });
    }
    for (const [user, known] of users) if (!next.has(user)) leaves.push({ user, info: known });
    users = next;
    if (joins.length + leaves.length + updates.length > 0) events.emit('change', { joins, leaves, updates });
  };
  const setCount = (next: number): void => {
    const hasChanged = next !== count;
    count = next;
    if (countOnly && hasChanged) events.emit('change', { joins: [], leaves: [], updates: [] });
  };
  const put = (into: Map<string, unknown>, list: readonly WireMember[] = []): void => {
    for (const [user, known] of list) into.set(user, known);
  };

  /** Takes the first page and reads the remaining ones. Changes received meanwhile apply to the pages already read. */
  async function read(own: number, page: MembersAck | undefined): Promise<void> {
    if (page === undefined) throw new InvalidActionError(`The server does not tell the members of "${name}"`);
    ({ version } = page);
    if (countOnly) {
      setCount(page.count);
      return;
    }
    const map = (reading = new Map<string, unknown>());
    put(map, page.list);
    let after = page.list === undefined ? '' : page.next;
    while (after !== undefined) {
      const query = after === '' ? { channel: name } : { channel: name, after };
      const next = (await call((callId) => membersFrame(query, callId))) as MembersAck;
      if (own !== turn) return;
      put(map, next.list);
      ({ version } = next);
      after = next.next;
    }
    reading = undefined;
    setCount(map.size);
    emit(map);
  }

  async function ask(): Promise<void> {
    const own = ++turn;
    const { waitForAuth, data } = set.record(name)?.options ?? {};
    const request = { channel: name, waitForAuth, data, ...(join && { join: { info } }) };
    try {
      const wanted = { ...request, members: countOnly ? 'count' : true };
      const answer = await call((callId) => subscribeFrame(wanted, callId));
      // The request crossed a kick-out on the wire, and has subscribed the socket again.
      if ((set.record(name)?.state ?? 'unsubscribed') === 'unsubscribed') {
        await call((callId) => unsubscribeFrame(name, callId));
      }
      if (own === turn) await read(own, (Object(answer) as { members?: MembersAck }).members);
    } catch (error) {
      if (own !== turn || error instanceof BadConnectionError) return;
      if (!isRetryable(error)) onError(error);
      else setTimeout(() => own === turn && channel.isSubscribed() && void ask(), retryMs);
    }
  }

  const onChange = (data: unknown): void => {
    const change = data as PresenceChange;
    if (change.channel !== name) return;
    const { joins, leaves = [], updates, previous } = change;
    if (reading === undefined && previous !== version) {
      void ask();
      return;
    }
    ({ version } = change);
    const next = reading ?? new Map(users);
    put(next, joins);
    put(next, updates);
    for (const user of leaves) next.delete(user);
    if (reading !== undefined) return;
    setCount(change.count);
    if (!countOnly) emit(next);
  };
  const onEnd = (): void => {
    turn++;
    reading = undefined;
    version = '';
    // Connection lost: keep the members, and emit changes after the next subscribe.
    if (set.record(name)?.state === 'pending') return;
    setCount(0);
    emit(new Map());
  };
  const onSubscribe = (): void => void ask();
  const onFail = (error: unknown): void => onError(error);

  inbound.listeners.on(presenceEvent, onChange);
  channel.on('subscribe', onSubscribe).on('subscribeFail', onFail).on('unsubscribe', onEnd).on('kickOut', onEnd);
  channel.subscribe();

  const self: Presence = {
    get count() {
      return count;
    },
    list: () => [...users].map(([user, known]) => ({ user, info: known })),
    on(event, listener) {
      events.on(event, listener);
      return self;
    },
    off(event, listener) {
      events.off(event, listener);
      return self;
    },
    async update(next) {
      info = next;
      await call((callId) => presenceFrame(name, next, callId));
    },
    stop() {
      if (isStopped) return;
      isStopped = true;
      turn++;
      inbound.listeners.off(presenceEvent, onChange);
      channel
        .off('subscribe', onSubscribe)
        .off('subscribeFail', onFail)
        .off('unsubscribe', onEnd)
        .off('kickOut', onEnd);
      channel.unsubscribe();
      // Other handles may keep the subscription open.
      if (join && set.record(name)?.state === 'subscribed') {
        call((callId) => presenceFrame(name, null, callId)).catch(() => undefined);
      }
    },
  };
  return self;
}
