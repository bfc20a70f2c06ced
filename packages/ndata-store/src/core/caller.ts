import type { Buffer } from 'node:buffer';
import type { MemberHolder } from '../data/channel-members.js';
import type { Order, OrderTaker } from '../data/orders.js';
import type { Publication } from '../data/publication.js';
import type { Sink } from '../data/topics.js';
import type { KeyWatcher } from '../data/watchers.js';

/** Listings that were begun: `keys` goes on where it stopped. */
export interface Cursors {
  next: number;
  readonly open: Map<number, Iterator<string | number>>;
}

/** The issuer of commands: a link, or the in-process client. Its owner passes it to `StoreCore.leave` when it ends. */
export abstract class Caller implements Sink, KeyWatcher, MemberHolder, OrderTaker {
  /** Channels it is subscribed to. */
  readonly channels = new Set<string>();
  readonly cursors: Cursors = { next: 1, open: new Map() };
  /** The commands to run when it ends, as the payload of a transaction. */
  lastWill: Buffer | undefined = undefined;
  origin = '';

  abstract deliver(publication: Publication): void;
  /** An order was given, and it is a member. */
  abstract order(order: Order): void;
  /** Something it watches was written. */
  abstract changed(keys: readonly string[], command: string): void;
  /** The members of a watched channel have changed. */
  abstract membersChanged(channel: string, diff: string): void;
}

/** The caller of commands of the store itself, and of commands without an answer. */
export class NoCaller extends Caller {
  deliver(): void {
    // This caller never has subscriptions.
  }
  order(): void {
    // It is no member.
  }
  changed(): void {
    // It watches nothing.
  }
  membersChanged(): void {
    // This caller never has watches.
  }
}
