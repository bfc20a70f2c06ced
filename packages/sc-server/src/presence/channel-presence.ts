import type { Member, MemberChange, MemberView } from 'ndata-store';
import { dialects, presenceChange, type MembersAck, type PresenceChange, type WireMember } from 'sc-protocol';
import type { Encoding } from '../channels/encoding.js';
import { frameMessage } from '../websocket/outgoing.js';

/** A socket that receives the members of a channel. */
export interface MembersReceiver {
  readonly encoding: Encoding;
  /** Whether it receives only the number of members. */
  readonly isCounting: boolean;
  send(frame: Buffer): void;
}

/** Maximum users in one page of members. */
export const maxMembersPage = 1000;
/** Milliseconds between two frames that carry only the number of members. */
const countIntervalMs = 1000;

/** Sends the members of one channel to the sockets of this process that requested them. */
export class ChannelPresence {
  readonly #channel: string;
  readonly #members: MemberView;
  readonly #listing = new Set<MembersReceiver>();
  readonly #counting = new Set<MembersReceiver>();
  /** The members sorted by user name; computed on first request after a change. */
  #sorted: readonly WireMember[] | undefined;
  /** The number last sent to count-only receivers. */
  #counted: { readonly version: string; readonly count: number };
  #countTimer: NodeJS.Timeout | undefined;

  constructor(channel: string, members: MemberView) {
    this.#channel = channel;
    this.#members = members;
    this.#counted = { version: members.version, count: members.size };
  }

  /** Starts sending changes to the receiver. Returns its initial state. */
  add(receiver: MembersReceiver): MembersAck {
    const { version, size: count } = this.#members;
    if (receiver.isCounting) {
      this.#counting.add(receiver);
      return this.#countTimer === undefined ? (this.#counted = { version, count }) : this.#counted;
    }
    this.#listing.add(receiver);
    return count > maxMembersPage ? { version, count } : { version, count, list: this.#list() };
  }

  remove(receiver: MembersReceiver): void {
    this.#listing.delete(receiver);
    this.#counting.delete(receiver);
  }

  /** A page of the members whose names sort after `after`. */
  page(after: string | undefined, limit: number): MembersAck {
    const { version, size: count } = this.#members;
    const all = this.#list();
    const start = after === undefined ? 0 : indexAfter(all, after);
    const list = all.slice(start, start + Math.min(limit, maxMembersPage));
    const last = list.at(-1)?.[0];
    const hasMore = start + list.length < all.length && last !== undefined;
    return { version, count, list, ...(hasMore && { next: last }) };
  }

  changed({ version, previous, joins, leaves, updates }: MemberChange): void {
    this.#sorted = undefined;
    this.#send(this.#listing, {
      channel: this.#channel,
      version,
      previous,
      count: this.#members.size,
      ...(joins.length > 0 && { joins: joins.map(wireMember) }),
      ...(leaves.length > 0 && { leaves: leaves.map(({ user }) => user) }),
      ...(updates.length > 0 && { updates: updates.map(wireMember) }),
    });
    if (this.#countTimer === undefined) this.#count();
  }

  stop(): void {
    clearTimeout(this.#countTimer);
  }

  /** Sends the number of members, at most once per interval. */
  #count(): void {
    this.#countTimer = undefined;
    const { version, size: count } = this.#members;
    if (count === this.#counted.count) return;
    const previous = this.#counted.version;
    this.#counted = { version, count };
    if (this.#counting.size === 0) return;
    this.#send(this.#counting, { channel: this.#channel, version, previous, count });
    this.#countTimer = setTimeout(() => this.#count(), countIntervalMs).unref();
  }

  /** Sends a change to the receivers, encoded once per codec. */
  #send(receivers: ReadonlySet<MembersReceiver>, change: PresenceChange): void {
    const frames = new Map<Encoding, Buffer>();
    for (const receiver of receivers) {
      const { encoding } = receiver;
      let frame = frames.get(encoding);
      if (frame === undefined) {
        frame = frameMessage(encoding.codec.encode(dialects.v2.toWire(presenceChange(change))));
        frames.set(encoding, frame);
      }
      receiver.send(frame);
    }
  }

  #list(): readonly WireMember[] {
    return (this.#sorted ??= this.#members
      .list()
      .map(wireMember)
      .sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

function wireMember({ user, info }: Member): WireMember {
  return info === undefined ? [user] : [user, info];
}

function indexAfter(sorted: readonly WireMember[], user: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.[0] ?? '') <= user) low = middle + 1;
    else high = middle;
  }
  return low;
}
