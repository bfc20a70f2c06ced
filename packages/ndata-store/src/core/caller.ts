import type { Buffer } from 'node:buffer';
import type { MemberHolder } from '../data/channel-members.js';
import type { Order, OrderTaker } from '../data/orders.js';
import type { Publication } from '../data/publication.js';
import type { Sink } from '../data/topics.js';
import type { KeyWatcher } from '../data/watchers.js';

/** Unfinished listings of `keys`, by cursor. */
export interface Cursors {
  next: number;
  readonly open: Map<number, Iterator<string | number>>;
}

/** The issuer of commands: a link, or the in-process client. Its owner calls `StoreCore.leave` with it when it ends. */
export abstract class Caller implements Sink, KeyWatcher, MemberHolder, OrderTaker {
  /** Channels that the caller is subscribed to. */
  readonly channels = new Set<string>();
  readonly cursors: Cursors = { next: 1, open: new Map() };
  /** The commands to run when the caller ends, as the payload of a transaction. */
  lastWill: Buffer | undefined = undefined;
  origin = '';

  abstract deliver(publication: Publication): void;
  /** Receives an order, as a member. */
  abstract order(order: Order): void;
  /** A watched key was written. */
  abstract changed(keys: readonly string[], command: string): void;
  /** The members of a watched channel have changed. */
  abstract membersChanged(channel: string, diff: string): void;
}

/** The caller of the store's own commands, and of commands without a reply. */
export class NoCaller extends Caller {
  deliver(): void {
    // This caller never has subscriptions.
  }
  order(): void {
    // This caller never joins the orders.
  }
  changed(): void {
    // This caller never watches keys.
  }
  membersChanged(): void {
    // This caller never watches members.
  }
}
