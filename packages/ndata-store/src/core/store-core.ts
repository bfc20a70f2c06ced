import { ScError } from 'sc-protocol';
import type { Command, Reply } from '../commands/command.js';
import type { CommandRequest } from '../wire/request.js';
import { Expiry } from './expiry.js';
import type { Origin } from './origin.js';
import { Topics } from './topics.js';
import { Tree } from './tree.js';

/** What a store tells about itself. */
export interface CoreListener {
  firstSubscription?(channel: string): void;
  lastUnsubscription?(channel: string): void;
  published?(channel: string, payload: Uint8Array): void;
}

export interface CoreOptions {
  readonly maxValueBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Everything one shard holds, and the one way to change it: {@link StoreCore.execute}. */
export class StoreCore {
  readonly tree = new Tree();
  readonly expiry = new Expiry();
  readonly topics = new Topics();
  readonly options: CoreOptions;
  readonly listener: CoreListener;

  constructor(options: CoreOptions, listener: CoreListener = {}) {
    this.options = options;
    this.listener = listener;
  }

  now(): number {
    return this.options.now();
  }

  /** Runs one command; nothing else runs meanwhile. Hot path. Throws what the command refuses. */
  execute(command: Command, request: CommandRequest, origin: Origin): Reply {
    if (this.expiry.nextAt !== undefined) this.sweep();
    return command.run(this, request, origin);
  }

  /** Removes what has expired. */
  sweep(): void {
    const now = this.now();
    for (let due = this.expiry.takeDue(now); due !== undefined; due = this.expiry.takeDue(now)) {
      this.tree.remove(due.keys);
      this.expiry.removeBeneath(due.keys);
    }
  }

  /** Ends what an origin holds. */
  leave(origin: Origin): void {
    for (const channel of origin.channels) {
      if (this.topics.unsubscribe(channel, origin)) this.listener.lastUnsubscription?.(channel);
    }
    origin.channels.clear();
  }
}

/** Whether an error may be told to a client as it is; all others are faults of the store. */
export function isTellable(error: unknown): error is ScError {
  return error instanceof ScError;
}
