import { StoreUnavailableError } from 'sc-protocol';
import type { Member, MemberSink } from '../member-sink.js';
import type { MemberWatches } from './member-watches.js';

export interface MemberEventsOptions {
  readonly watches: MemberWatches;
  readonly timeoutMs: number;
  /** Why the store cannot be reached, if known. */
  readonly reason: () => Error | undefined;
  readonly onEvent: (channel: string, event: 'join' | 'leave' | 'update', member: Member) => void;
}

interface Watched {
  readonly close: () => Promise<void>;
  readonly opened: Promise<void>;
}

/** The channels watched with `watchMembers`. Emits one event for each member that changes. */
export class MemberEvents {
  readonly #options: MemberEventsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: MemberEventsOptions) {
    this.#options = options;
  }

  /** Resolves when the member list has been loaded and changes are reported. */
  watch(channel: string): Promise<void> {
    const watched = this.#watched.get(channel) ?? this.#open(channel);
    return watched.opened;
  }

  async unwatch(channel: string): Promise<void> {
    const watched = this.#watched.get(channel);
    this.#watched.delete(channel);
    await watched?.close();
  }

  #open(channel: string): Watched {
    const { watches, timeoutMs, reason, onEvent } = this.#options;
    let close: Watched['close'] = () => Promise.resolve();
    const opened = new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        if (this.#watched.get(channel)?.opened === opened) this.#watched.delete(channel);
        reject(error);
      };
      const late = (): void => {
        void close();
        const text = `The store did not take "watchMembers" within ${timeoutMs} ms (\`callTimeoutMs\`)`;
        fail(new StoreUnavailableError(text, undefined, { cause: reason() }));
      };
      const timer = setTimeout(late, Math.min(timeoutMs, 2 ** 31 - 1));
      const sink: MemberSink = {
        opened: () => {
          clearTimeout(timer);
          resolve();
        },
        changed: ({ joins, leaves, updates }) => {
          for (const member of leaves) onEvent(channel, 'leave', member);
          for (const member of joins) onEvent(channel, 'join', member);
          for (const member of updates) onEvent(channel, 'update', member);
        },
        refused: fail,
      };
      close = watches.open(channel, sink);
    });
    opened.catch(() => undefined);
    const watched: Watched = { close: () => close(), opened };
    this.#watched.set(channel, watched);
    return watched;
  }
}
