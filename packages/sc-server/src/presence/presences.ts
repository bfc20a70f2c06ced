import { StoreUnavailableError } from 'sc-protocol';
import type { MemberSink, Membership, MembershipEnd, Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { ChannelPresence } from './channel-presence.js';

interface Held {
  holders: number;
  presence: ChannelPresence | undefined;
  readonly opened: Promise<ChannelPresence>;
  close: () => Promise<void>;
}

/** Milliseconds that a subscriber waits for the members of a channel. */
const timeoutMs = 10_000;

/** The channels whose members are requested by sockets of this process. Each is watched once at the store. */
export class Presences {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #held = new Map<string, Held>();

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * Adds a holder. Resolves with the members from the store; rejects if it refuses or times out. Always pair with
   * `release`.
   */
  acquire(channel: string): Promise<ChannelPresence> {
    let held = this.#held.get(channel);
    if (held === undefined) this.#held.set(channel, (held = this.#open(channel)));
    held.holders += 1;
    return held.opened;
  }

  /** The members of a channel with a holder; `undefined` until the store has sent them. */
  get(channel: string): ChannelPresence | undefined {
    return this.#held.get(channel)?.presence;
  }

  release(channel: string): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders === 0) this.#close(channel, held);
  }

  /** Makes a socket of this process a member, or replaces its info. */
  join(membership: Membership): void {
    this.#store.holdMember(membership);
  }

  end(membership: Membership, end: MembershipEnd): void {
    this.#store.endMember(membership, end);
  }

  stop(): void {
    for (const [channel, held] of this.#held) this.#close(channel, held);
  }

  #close(channel: string, held: Held): void {
    this.#held.delete(channel);
    held.presence?.stop();
    held
      .close()
      .catch((error: unknown) => this.#logger.error('Watching members could not be ended', { channel, error }));
  }

  #open(channel: string): Held {
    let settle: (presence: ChannelPresence) => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const opened = new Promise<ChannelPresence>((resolve, reject) => {
      const late = (): void =>
        reject(new StoreUnavailableError(`The store did not send the members of "${channel}" within ${timeoutMs} ms`));
      const timer = setTimeout(late, timeoutMs).unref();
      settle = (presence) => {
        clearTimeout(timer);
        resolve(presence);
      };
      fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    opened.catch(() => undefined);
    const held: Held = { holders: 0, presence: undefined, opened, close: () => Promise.resolve() };
    const sink: MemberSink = {
      opened: (members) => {
        held.presence = new ChannelPresence(channel, members);
        settle(held.presence);
      },
      changed: (change) => held.presence?.changed(change),
      refused: (error) => {
        fail(error);
        if (held.presence === undefined) return;
        this.#logger.error('The members of a channel are not updated any more', { channel, error });
      },
    };
    // A store in this process may call the sink synchronously.
    held.close = this.#store.openMembers(channel, sink);
    return held;
  }
}
