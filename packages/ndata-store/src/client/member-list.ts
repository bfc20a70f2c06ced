import type { MemberDiff } from '../data/channel-members.js';
import type { MembersPage } from '../data/members.js';
import type { Member, MemberChange, MemberView } from '../member-sink.js';
import { decodeStored } from '../values.js';
import type { StoredValue } from '../values.js';

interface Known {
  readonly member: Member;
  readonly stored: StoredValue;
}

/**
 * The members of one channel, assembled from the store's pages and diffs. A new page arrives after each reconnect; the
 * list reports only differences, so an unchanged page causes no event. After a store restart, users known only to its
 * previous life stay until the store has settled, because they may still return.
 */
export class MemberList implements MemberView {
  readonly #known = new Map<string, Known>();
  /** Users that the current life of the store has not confirmed. */
  readonly #unconfirmed = new Set<string>();
  #version = '';
  /** The latest version from the store. Differs from `#version` if nothing has changed in between. */
  #storeVersion: string | undefined;

  get version(): string {
    return this.#version;
  }

  get size(): number {
    return this.#known.size;
  }

  list(): Member[] {
    return [...this.#known.values()].map(({ member }) => member);
  }

  /** Whether there are unconfirmed users, which `settle` removes. */
  get isUnsettled(): boolean {
    return this.#unconfirmed.size > 0;
  }

  /** Whether the diff follows the latest version from the store without a gap. */
  continues(diff: MemberDiff): boolean {
    return diff.previous === this.#storeVersion;
  }

  /** Applies a complete list. Returns the differences, or `undefined` if there are none or if it is the first page. */
  page({ version, members, settlesInMs }: MembersPage): MemberChange | undefined {
    const isFirst = this.#storeVersion === undefined;
    const change = new Change();
    const listed = new Set<string>();
    for (const [user, info] of members) {
      listed.add(user);
      this.#set(user, info, change);
    }
    this.#unconfirmed.clear();
    for (const user of this.#known.keys()) {
      if (listed.has(user)) continue;
      if (settlesInMs === undefined) this.#remove(user, change);
      else this.#unconfirmed.add(user);
    }
    if (!isFirst) return this.#finish(change, version);
    this.#version = this.#storeVersion = version;
    return undefined;
  }

  diff({ version, joins, leaves, updates }: MemberDiff): MemberChange | undefined {
    const change = new Change();
    for (const [user, info] of joins) this.#set(user, info, change);
    for (const [user, info] of updates) this.#set(user, info, change);
    for (const [user] of leaves) this.#remove(user, change);
    return this.#finish(change, version);
  }

  /** The store has settled: users that have not returned have left. */
  settle(): MemberChange | undefined {
    const change = new Change();
    for (const user of this.#unconfirmed) this.#remove(user, change);
    return this.#finish(change, this.#storeVersion ?? '');
  }

  #set(user: string, stored: StoredValue, change: Change): void {
    this.#unconfirmed.delete(user);
    const before = this.#known.get(user);
    if (before?.stored === stored) return;
    const member: Member = { user, info: stored === '' ? undefined : decodeStored(stored) };
    this.#known.set(user, { member, stored });
    (before === undefined ? change.joins : change.updates).push(member);
  }

  #remove(user: string, change: Change): void {
    this.#unconfirmed.delete(user);
    const before = this.#known.get(user);
    if (before === undefined) return;
    this.#known.delete(user);
    change.leaves.push(before.member);
  }

  #finish({ joins, leaves, updates }: Change, version: string): MemberChange | undefined {
    this.#storeVersion = version;
    if (joins.length + leaves.length + updates.length === 0) return undefined;
    const previous = this.#version;
    // Settling changes the list again without a new store version, so derive a new version.
    this.#version = version === previous ? `${version}+` : version;
    return { version: this.#version, previous, joins, leaves, updates };
  }
}

class Change {
  readonly joins: Member[] = [];
  readonly leaves: Member[] = [];
  readonly updates: Member[] = [];
}
