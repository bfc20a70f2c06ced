import type { PublicationPosition } from 'sc-protocol';
import type { Encoding } from './encoding.js';
import type { Logger } from '../log/logger.js';
import type { Subscriber } from '../websocket/subscriber.js';
import type { Flushable, TurnQueue } from '../websocket/turn-queue.js';

/** Number of channels with publications to flush at the end of this turn. */
interface WaitingChannels {
  count: number;
}

/** Bytes of queued publications at which a channel is flushed immediately. */
const flushAtBytes = 65_536;

/** Delivers publications to the local subscribers of every channel of this worker. */
export class FanOut {
  readonly #channels = new Map<string, ChannelSubscribers>();
  readonly #waiting: WaitingChannels = { count: 0 };
  readonly #turn: TurnQueue;
  readonly #logger: Pick<Logger, 'error'>;

  constructor(turn: TurnQueue, logger: Pick<Logger, 'error'>) {
    this.#turn = turn;
    this.#logger = logger;
  }

  /** Number of channels with subscribers. */
  get size(): number {
    return this.#channels.size;
  }

  add(channel: string, subscriber: Subscriber, encoding: Encoding): void {
    let subscribers = this.#channels.get(channel);
    if (subscribers === undefined) {
      subscribers = new ChannelSubscribers(channel, this.#turn, this.#waiting, this.#logger);
      this.#channels.set(channel, subscribers);
    }
    subscribers.add(subscriber, encoding);
  }

  remove(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers?.remove(subscriber) === 0) this.#channels.delete(channel);
  }

  /** Names of the channels with subscribers. */
  names(): IterableIterator<string> {
    return this.#channels.keys();
  }

  /** Number of subscribers. */
  count(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  /** The local subscribers of a channel; `undefined` if there are none. */
  subscribers(channel: string): Iterable<Subscriber> | undefined {
    return this.#channels.get(channel)?.all();
  }

  /** Hot path. Delivers a publication to all local subscribers at the end of the event-loop turn. */
  deliver(
    channel: string,
    payload: Uint8Array,
    isVolatile = false,
    position?: PublicationPosition,
    except?: Subscriber,
  ): void {
    const subscribers = this.#channels.get(channel);
    if (except === undefined) subscribers?.deliver(payload, isVolatile, position);
    else subscribers?.deliverExcept(except, payload, isVolatile, position);
  }

  /** Flushes queued publications to the subscribers, before something else is sent to them by another path. */
  settle(channel: string): void {
    this.#channels.get(channel)?.settle();
  }
}

interface Group {
  readonly encoding: Encoding;
  readonly subscribers: Set<Subscriber>;
  frames: Buffer[];
  /** The non-volatile frames; `undefined` while all frames are non-volatile. */
  lasting: Buffer[] | undefined;
}

/**
 * The subscribers of one channel. Publications of one event-loop turn are framed once per encoding, concatenated, and
 * sent to every subscriber as one buffer. Adding or removing a subscriber flushes first, so that it does not receive
 * publications from before it joined.
 */
class ChannelSubscribers implements Flushable {
  readonly #channel: string;
  readonly #turn: TurnQueue;
  readonly #waiting: WaitingChannels;
  readonly #groups: Group[] = [];
  readonly #logger: Pick<Logger, 'error'>;
  #waitingBytes = 0;
  #isQueued = false;

  constructor(channel: string, turn: TurnQueue, waiting: WaitingChannels, logger: Pick<Logger, 'error'>) {
    this.#logger = logger;
    this.#channel = channel;
    this.#turn = turn;
    this.#waiting = waiting;
  }

  add(subscriber: Subscriber, encoding: Encoding): void {
    this.#send();
    const group = this.#groups.find((one) => one.encoding === encoding);
    if (group === undefined) {
      this.#groups.push({ encoding, subscribers: new Set([subscriber]), frames: [], lasting: undefined });
    } else {
      group.subscribers.add(subscriber);
    }
  }

  /** Returns the number of remaining subscribers. */
  remove(subscriber: Subscriber): number {
    this.#send();
    let left = 0;
    for (let i = this.#groups.length - 1; i >= 0; i--) {
      const group = this.#groups[i];
      if (group === undefined) continue;
      group.subscribers.delete(subscriber);
      if (group.subscribers.size === 0) this.#groups.splice(i, 1);
      left += group.subscribers.size;
    }
    return left;
  }

  get size(): number {
    return this.#groups.reduce((sum, { subscribers }) => sum + subscribers.size, 0);
  }

  *all(): Iterable<Subscriber> {
    for (const { subscribers } of this.#groups) yield* subscribers;
  }

  deliver(payload: Uint8Array, isVolatile: boolean, position: PublicationPosition | undefined): void {
    for (const group of this.#groups) {
      const frame = this.#frame(group, payload, position);
      if (frame === undefined) continue;
      if (isVolatile) group.lasting ??= [...group.frames];
      else group.lasting?.push(frame);
      group.frames.push(frame);
      this.#waitingBytes += frame.length;
    }
    if (this.#waitingBytes === 0) return;
    if (this.#waitingBytes >= flushAtBytes) {
      this.#send();
    } else if (!this.#isQueued) {
      this.#isQueued = true;
      this.#waiting.count += 1;
      this.#turn.add(this);
    }
  }

  /** Sends to all subscribers but one. The frame is sent on its own, because joined frames go to all subscribers. */
  deliverExcept(
    except: Subscriber,
    payload: Uint8Array,
    isVolatile: boolean,
    position: PublicationPosition | undefined,
  ): void {
    this.#send();
    for (const group of this.#groups) {
      const frame = this.#frame(group, payload, position);
      if (frame === undefined) continue;
      for (const subscriber of group.subscribers) {
        if (subscriber !== except && (!isVolatile || subscriber.takesVolatile(frame.length, 1)))
          subscriber.send(frame, 1);
      }
    }
  }

  settle(): void {
    this.#send();
  }

  /** Returns `undefined` if the codec of the group cannot encode the publication: only that group misses it. */
  #frame(
    { encoding, subscribers }: Group,
    payload: Uint8Array,
    position: PublicationPosition | undefined,
  ): Buffer | undefined {
    try {
      return encoding.framePublication(this.#channel, payload, position);
    } catch (error) {
      const details = { channel: this.#channel, subscribers: subscribers.size, error };
      this.#logger.error('A publication cannot be encoded for some of its subscribers', details);
      return undefined;
    }
  }

  flush(): void {
    this.#isQueued = false;
    this.#waiting.count -= 1;
    // Other channels may queue frames for the same sockets, which should leave in the same write.
    this.#send(this.#waiting.count === 0);
  }

  /** Hot path. `isLast`: no other channel has publications to flush in this turn. */
  #send(isLast = false): void {
    if (this.#waitingBytes === 0) return;
    this.#waitingBytes = 0;
    for (const group of this.#groups) {
      const { frames, lasting } = group;
      if (frames.length === 0) continue;
      const joined = join(frames);
      const count = frames.length;
      group.frames = [];
      group.lasting = undefined;
      if (lasting !== undefined) this.#sendToWhoTakes(group, joined, count, lasting, isLast);
      else if (isLast) for (const subscriber of group.subscribers) subscriber.sendNow(joined, count);
      else for (const subscriber of group.subscribers) subscriber.send(joined, count);
    }
  }

  /** Hot path. Some of the frames are volatile: subscribers that are behind receive only the other frames. */
  #sendToWhoTakes(group: Group, all: Buffer, count: number, lasting: readonly Buffer[], isLast: boolean): void {
    const others = join(lasting);
    const bytes = all.length - others.length;
    for (const subscriber of group.subscribers) {
      const takesAll = subscriber.takesVolatile(bytes, count - lasting.length);
      const frames = takesAll ? all : others;
      if (frames.length === 0) continue;
      const publications = takesAll ? count : lasting.length;
      if (isLast) subscriber.sendNow(frames, publications);
      else subscriber.send(frames, publications);
    }
  }
}

function join(frames: readonly Buffer[]): Buffer {
  const [only] = frames;
  return frames.length === 1 && only !== undefined ? only : Buffer.concat(frames);
}
