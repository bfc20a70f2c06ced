import type { Encoding } from './encoding.js';
import type { Flushable, TurnQueue } from './turn-queue.js';

/** What fan-out needs of a socket. */
export interface Subscriber {
  readonly encoding: Encoding;
  /** Sends at the end of the turn, with whatever else is for this socket. */
  send(frame: Buffer): void;
  /** Sends at once when nothing else waits for this socket. */
  sendNow(frame: Buffer): void;
}

/** The channels that have something to deliver at the end of this turn. */
interface WaitingChannels {
  count: number;
}

/** Bytes of joined publications at which a channel is flushed at once. */
const flushAtBytes = 65_536;

/** The local subscribers of every channel of this worker, and delivery to them. */
export class FanOut {
  readonly #channels = new Map<string, ChannelSubscribers>();
  readonly #waiting: WaitingChannels = { count: 0 };
  readonly #turn: TurnQueue;

  constructor(turn: TurnQueue) {
    this.#turn = turn;
  }

  /** Channels that have subscribers. */
  get size(): number {
    return this.#channels.size;
  }

  add(channel: string, subscriber: Subscriber): void {
    let subscribers = this.#channels.get(channel);
    if (subscribers === undefined) {
      subscribers = new ChannelSubscribers(channel, this.#turn, this.#waiting);
      this.#channels.set(channel, subscribers);
    }
    subscribers.add(subscriber);
  }

  remove(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers?.remove(subscriber) === 0) this.#channels.delete(channel);
  }

  /** The sockets that are subscribed here, or `undefined` when there are none. */
  subscribers(channel: string): Iterable<Subscriber> | undefined {
    return this.#channels.get(channel)?.all();
  }

  /** Hot path: delivers a publication to all local subscribers at the end of the loop turn. */
  deliver(channel: string, payload: Uint8Array): void {
    this.#channels.get(channel)?.deliver(payload);
  }
}

interface Group {
  readonly encoding: Encoding;
  readonly subscribers: Set<Subscriber>;
  frames: Buffer[];
}

/**
 * One channel. Publications of one loop turn are framed once for each encoding, joined, and given to every subscriber
 * as one buffer. Whoever joins or leaves flushes first, so nobody gets what was published before it came.
 */
class ChannelSubscribers implements Flushable {
  readonly #channel: string;
  readonly #turn: TurnQueue;
  readonly #waiting: WaitingChannels;
  readonly #groups: Group[] = [];
  #waitingBytes = 0;
  #isQueued = false;

  constructor(channel: string, turn: TurnQueue, waiting: WaitingChannels) {
    this.#channel = channel;
    this.#turn = turn;
    this.#waiting = waiting;
  }

  add(subscriber: Subscriber): void {
    this.#send();
    const group = this.#groups.find(({ encoding }) => encoding === subscriber.encoding);
    if (group === undefined) {
      this.#groups.push({ encoding: subscriber.encoding, subscribers: new Set([subscriber]), frames: [] });
    } else {
      group.subscribers.add(subscriber);
    }
  }

  /** Returns how many subscribers are left. */
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

  *all(): Iterable<Subscriber> {
    for (const { subscribers } of this.#groups) yield* subscribers;
  }

  deliver(payload: Uint8Array): void {
    for (const group of this.#groups) {
      const frame = group.encoding.framePublication(this.#channel, payload);
      group.frames.push(frame);
      this.#waitingBytes += frame.length;
    }
    if (this.#waitingBytes >= flushAtBytes) {
      this.#send();
    } else if (!this.#isQueued) {
      this.#isQueued = true;
      this.#waiting.count += 1;
      this.#turn.add(this);
    }
  }

  flush(): void {
    this.#isQueued = false;
    this.#waiting.count -= 1;
    // Other channels may have something for the same sockets, which should leave in the same write.
    this.#send(this.#waiting.count === 0);
  }

  /** Hot path. `isLast` says that nothing else is expected in this turn. */
  #send(isLast = false): void {
    if (this.#waitingBytes === 0) return;
    this.#waitingBytes = 0;
    for (const group of this.#groups) {
      const [only] = group.frames;
      if (only === undefined) continue;
      const joined = group.frames.length === 1 ? only : Buffer.concat(group.frames);
      group.frames = [];
      if (isLast) for (const subscriber of group.subscribers) subscriber.sendNow(joined);
      else for (const subscriber of group.subscribers) subscriber.send(joined);
    }
  }
}
