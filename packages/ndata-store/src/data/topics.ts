import { Buffer } from 'node:buffer';
import { frameHeaderBytes, wireVersion } from '../wire/frame.js';
import { replyCodes } from '../wire/codes.js';

/** What is delivered. The payload belongs to everybody who gets it: it does not change. */
export interface Publication {
  readonly channel: string;
  readonly payload: Uint8Array;
  /** Its place in the channel's stream; 0 when the channel keeps none. */
  readonly offset: number;
  /** The publication as one frame, encoded when the first link wants it. */
  frame?: Buffer;
}

/** Who can be subscribed. */
export interface Sink {
  /** Takes a publication without waiting and without failing. */
  deliver(publication: Publication): void;
}

/** What a channel with subscriptions takes beside its name, and a subscription here and in its caller. */
const topicBytes = 250;
const subscriptionBytes = 80;

/** Which sinks are subscribed to which channel. */
export class Topics {
  readonly #topics = new Map<string, Set<Sink>>();
  #bytes = 0;

  /** About how many bytes the subscriptions take. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#topics.size;
  }

  channels(): string[] {
    return [...this.#topics.keys()];
  }

  has(channel: string): boolean {
    return this.#topics.has(channel);
  }

  /** Returns whether this is the channel's first subscription. */
  subscribe(channel: string, sink: Sink): boolean {
    const sinks = this.#topics.get(channel);
    if (sinks === undefined) {
      this.#topics.set(channel, new Set([sink]));
      this.#bytes += topicBytes + channel.length + subscriptionBytes;
      return true;
    }
    if (!sinks.has(sink)) this.#bytes += subscriptionBytes;
    sinks.add(sink);
    return false;
  }

  /** Returns whether that was the channel's last subscription. */
  unsubscribe(channel: string, sink: Sink): boolean {
    const sinks = this.#topics.get(channel);
    if (sinks?.delete(sink) !== true) return false;
    this.#bytes -= subscriptionBytes;
    if (sinks.size > 0) return false;
    this.#bytes -= topicBytes + channel.length;
    this.#topics.delete(channel);
    return true;
  }

  /** Hot path. Delivers to every subscribed sink before it returns. */
  publish(publication: Publication): void {
    const sinks = this.#topics.get(publication.channel);
    if (sinks === undefined) return;
    for (const sink of sinks) sink.deliver(publication);
  }
}

/** The publication as a frame; every link writes the same bytes. */
export function publicationFrame(publication: Publication): Buffer {
  if (publication.frame !== undefined) return publication.frame;
  const { channel, payload } = publication;
  const channelBytes = Buffer.byteLength(channel);
  const frame = Buffer.allocUnsafe(frameHeaderBytes + 10 + channelBytes + payload.length);
  frame.writeUInt32LE(frame.length - 4, 0);
  frame[4] = wireVersion;
  frame[5] = replyCodes.publication;
  frame.writeUInt32LE(0, 6);
  frame.writeUInt16LE(channelBytes, 10);
  frame.write(channel, 12);
  frame.writeDoubleLE(publication.offset, 12 + channelBytes);
  frame.set(payload, 20 + channelBytes);
  publication.frame = frame;
  return frame;
}
