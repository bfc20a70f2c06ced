import type { GapReason, ServerFrame } from 'sc-protocol';
import type { ChannelFeed } from '../channels/channel-feed.js';
import type { PastPublication } from '../channels/feed-ring.js';
import { Recovery, type Beginning, type Wanted } from '../channels/recovery.js';
import type { Outgoing } from '../websocket/outgoing.js';
import type { Subscription, SubscriptionsOwner } from './subscription.js';

/** Maximum bytes of missed publications in one page. */
const maxPageBytes = 256 * 1024;
/** Milliseconds within which a slow client must have caught up. */
const timeoutMs = 10_000;

/**
 * Brings one subscription from the client's position to that of the feed. Missed publications are sent in pages as fast
 * as the client reads; sending them all at once would make it a slow consumer. The socket joins the fan-out in the same
 * turn in which the last missed publication is queued.
 */
export class CatchUp {
  readonly #core: SubscriptionsOwner;
  readonly #subscription: Subscription;
  readonly #feed: ChannelFeed;
  readonly #recovery: Recovery;
  readonly #moves: number;
  readonly #isAsked: boolean;
  readonly #until = Date.now() + timeoutMs;
  #queue: readonly PastPublication[] = [];
  /** The offset up to which publications were queued or sent. */
  #sentTo = 0;
  #isStopped = false;

  constructor(core: SubscriptionsOwner, subscription: Subscription, feed: ChannelFeed, wanted: Wanted) {
    this.#core = core;
    this.#subscription = subscription;
    this.#feed = feed;
    this.#moves = feed.moves;
    this.#isAsked = wanted.since !== undefined || wanted.isWithheld === true;
    this.#recovery = new Recovery({ feed, reads: core.parts.channels.streamReads, wanted });
  }

  /** Returns the beginning of the subscription, or a promise after which to call `begin` again. */
  begin(): Beginning | Promise<void> {
    return this.#recovery.begin();
  }

  /**
   * Answers the client, sends the missed publications, and joins the fan-out. Must be called in the turn in which
   * `begin` returned the beginning.
   */
  start({ ack, missed }: Beginning, answer: (ack: Beginning['ack']) => void): void {
    this.#queue = missed;
    if (this.#isAsked && ack?.recovered !== undefined) {
      const { catchUps } = this.#core.parts.counters;
      catchUps[ack.recovered ? 'recovered' : (ack.reason ?? 'epoch')] += 1;
    }
    this.#sentTo = this.#feed.position?.offset ?? 0;
    // Answer after the publications still in the line `publishOut` for this client.
    this.#core.parts.channels.publishOut.afterPending(this.#core, () => answer(ack));
    this.#goOn();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #goOn(): void {
    if (this.#isStopped || this.#subscription.catchUp !== this) return;
    if (this.#feed.moves !== this.#moves) {
      this.#giveUp('epoch');
      return;
    }
    if (this.#queue.length === 0) {
      const more = this.#feed.position === undefined ? [] : this.#feed.after(this.#sentTo);
      if (more === undefined || (more.length > 0 && Date.now() > this.#until)) {
        this.#giveUp('tooMuch');
        return;
      }
      this.#queue = more;
      this.#sentTo = this.#feed.position?.offset ?? 0;
    }
    if (this.#queue.length === 0) this.#join();
    else this.#sendPage();
  }

  #sendPage(): void {
    const { parts } = this.#core;
    const page = this.#takePage(Math.min(maxPageBytes, parts.options.maxPendingBytes / 4));
    const isLast = this.#queue.length === 0 && this.#sentTo === (this.#feed.position?.offset ?? 0);
    const next = (): void => this.#core.transport.whenDrained(() => this.#goOn());
    if (parts.channels.publishOut.isNeeded) {
      const passed = parts.channels.publishOut.deliverPast(this.#core, this.#subscription.channel, page);
      if (isLast) this.#join();
      else void passed.then(next);
      return;
    }
    this.#send(page);
    if (isLast) this.#join();
    else next();
  }

  #takePage(maxBytes: number): readonly PastPublication[] {
    let bytes = 0;
    const end = this.#queue.findIndex(({ payload }, index) => (bytes += payload.length) > maxBytes && index > 0);
    const page = end < 0 ? this.#queue : this.#queue.slice(0, end);
    this.#queue = end < 0 ? [] : this.#queue.slice(end);
    return page;
  }

  #send(page: readonly PastPublication[]): void {
    const { writer, parts } = this.#core;
    const { channel } = this.#subscription;
    const frames: Buffer[] = [];
    for (const one of page) {
      try {
        frames.push(one.frame(channel, writer.encoding));
      } catch (error) {
        parts.logger.error('A publication cannot be encoded for one of its subscribers', { channel, error });
      }
    }
    const [only] = frames;
    if (only !== undefined) this.#deliver(frames.length === 1 ? only : Buffer.concat(frames), frames.length);
  }

  /** The rest cannot be sent: the client continues from the current position and is notified of the gap. */
  #giveUp(reason: GapReason): void {
    const { epoch, offset } = this.#feed.position ?? { epoch: '', offset: 0 };
    const { channel } = this.#subscription;
    const frame: ServerFrame = { type: 'position', channel, epoch, offset, reason };
    if (this.#core.knowsPositions) {
      this.#core.parts.channels.publishOut.afterPending(this.#core, () =>
        this.#deliver(this.#core.writer.encode(frame), 0),
      );
    }
    this.#join();
  }

  #deliver(frame: Outgoing, publications: number): void {
    const { held } = this.#subscription;
    if (held === undefined) this.#core.writer.send(frame, publications);
    else held.send(frame, publications);
  }

  #join(): void {
    const { channel, held } = this.#subscription;
    const { parts, transport, writer } = this.#core;
    this.#subscription.catchUp = undefined;
    parts.channels.fanOut.add(channel, held ?? transport, writer.encoding);
  }
}
