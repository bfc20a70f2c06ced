import type { Publication } from 'ndata-store';
import { closeCodes } from 'sc-protocol';
import { exceptOf, positionOf } from '../channels/channel-delivery.js';
import { jsonOfPayload } from '../channels/payload.js';
import type { SocketCore } from '../socket/socket-core.js';
import { isEnded, type Subscription } from '../socket/subscription.js';
import type { MovedSubscription } from './moved-socket.js';

/** Milliseconds for the feed of this process to reach the live number of the previous process. */
const timeoutMs = 5_000;

/**
 * Brings one subscription of a moved socket to the feed of this process: sends the publications after the last one sent
 * by the previous process, and joins the fan-out in the same turn. The feeds are compared by the store's live numbers.
 * If the feed has no record of that range, the channel's stream is read; otherwise the client is told to reconnect, and
 * recovers as after a lost connection.
 */
export class JoinMoved {
  readonly #core: SocketCore;
  readonly #moved: MovedSubscription;
  readonly #subscription: Subscription;
  #timer: NodeJS.Timeout | undefined;
  #cancel: (() => void) | undefined;

  constructor(core: SocketCore, moved: MovedSubscription) {
    this.#core = core;
    this.#moved = moved;
    this.#subscription = core.ownSubscriptions.restore(moved.request, this);
  }

  start(): void {
    const { channel } = this.#subscription;
    const ready = this.#core.parts.channels.feeds.acquire(channel);
    if (this.#tryJoin()) return;
    const { record } = this.#feed ?? {};
    if (record === undefined) {
      ready.then(
        () => this.#bringUp(),
        () => this.#giveUp(),
      );
      return;
    }
    this.#timer = setTimeout(() => this.#bringUp(), timeoutMs);
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#cancel?.();
    this.#cancel = undefined;
  }

  get #feed() {
    return this.#core.parts.channels.feeds.get(this.#subscription.channel);
  }

  get #isOver(): boolean {
    return isEnded(this.#subscription) || this.#subscription.catchUp !== this;
  }

  #wait(): void {
    const record = this.#feed?.record;
    if (record === undefined) {
      this.stop();
      this.#bringUp();
      return;
    }
    this.#cancel = record.onAdvance(() => {
      if (!this.#isOver && !this.#tryJoin()) this.#wait();
    });
  }

  /** Joins if the record allows it. Returns false if the feed has not advanced far enough yet. */
  #tryJoin(): boolean {
    const feed = this.#feed;
    const { live, count } = this.#moved;
    if (feed?.record === undefined || feed.state !== 'live') return false;
    if (feed.count === count && feed.live < live) return false;
    const missed = feed.count === count ? feed.record.after(live) : undefined;
    if (missed === undefined) {
      this.stop();
      this.#bringUp();
      return true;
    }
    this.stop();
    for (const publication of missed) this.#send(publication, feed.position?.epoch ?? '');
    this.#join();
    return true;
  }

  #send(publication: Publication, epoch: string): void {
    const { parts, transport, writer } = this.#core;
    const { channel, isVolatile } = publication;
    const { held } = this.#subscription;
    if (exceptOf(publication) === this.#core.id) return;
    const payload = jsonOfPayload(publication.payload);
    const position = positionOf(publication);
    const { publishOut } = parts.channels;
    if (publishOut.isNeeded) {
      publishOut.deliverTo(this.#core, { channel, payload, isVolatile, position, epoch });
      return;
    }
    try {
      const frame = writer.encoding.framePublication(channel, payload, position);
      if (held !== undefined) held.send(frame, 1);
      else if (!isVolatile || transport.takesVolatile(frame.length, 1)) writer.send(frame, 1);
    } catch (error) {
      parts.logger.error('A publication cannot be encoded for one of its subscribers', { channel, error });
    }
  }

  #join(): void {
    const { parts, transport, writer } = this.#core;
    const { channel, held } = this.#subscription;
    this.#subscription.catchUp = undefined;
    parts.channels.fanOut.add(channel, held ?? transport, writer.encoding);
  }

  /** Catches up from the channel's stream, if it has one. */
  #bringUp(): void {
    this.stop();
    if (this.#isOver) return;
    const { position: since } = this.#moved;
    if (since === undefined) {
      this.#giveUp();
      return;
    }
    const answer = (ack: { readonly recovered?: boolean } | undefined): void => {
      if (ack?.recovered !== true) this.#giveUp();
    };
    this.#core.subscriptions?.bringUp(this.#subscription, { wanted: { since }, answer }).catch(() => this.#giveUp());
  }

  #giveUp(): void {
    if (!isEnded(this.#subscription)) this.#core.close(closeCodes.serviceRestart);
  }
}
