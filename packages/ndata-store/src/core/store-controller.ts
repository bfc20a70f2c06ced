import { Buffer } from 'node:buffer';
import { EventEmitter } from 'eventemitter3';
import { asBuffer, toChannel } from '../client/arguments.js';
import { checkNumber } from '../option-rules.js';
import { decodeValue, encodeValue, toBytes } from '../values.js';
import type { StoreOptions } from './core-options.js';
import { StoreCore } from './store-core.js';

export interface StoreControllerEvents {
  /** A channel has its first subscription. */
  subscribe: (channel: string) => void;
  /** A channel has lost its last subscription. */
  unsubscribe: (channel: string) => void;
  /** A client has published. */
  publish: (channel: string, data: unknown) => void;
}

/** The store from inside: what a store controller's `run(store)` gets. */
export class StoreController extends EventEmitter<StoreControllerEvents> {
  readonly #core: StoreCore;

  /** Made by the store itself. */
  constructor(options: StoreOptions, receiveCore: (core: StoreCore) => void) {
    super();
    const maxValueBytes = options.maxValueBytes ?? 16 * 1024 * 1024;
    checkNumber('maxValueBytes', maxValueBytes, 1, 256 * 1024 * 1024);
    this.#core = new StoreCore(
      { maxValueBytes, now: options.now ?? Date.now },
      {
        firstSubscription: (channel) => void this.emit('subscribe', channel),
        lastUnsubscription: (channel) => void this.emit('unsubscribe', channel),
        published: (channel, payload) => {
          if (this.listenerCount('publish') > 0) this.emit('publish', channel, decode(payload));
        },
      },
    );
    receiveCore(this.#core);
  }

  /** Publishes to this store's subscribers, without a `publish` event. */
  publish(channel: string, data?: unknown): void {
    const payload = data === undefined ? Buffer.alloc(0) : Buffer.from(toBytes(encodeValue(data)));
    this.#core.topics.publish({ channel: toChannel(channel), payload, offset: 0 });
  }

  /** As `publish`, with a payload that no store looks into. */
  publishPayload(channel: string, payload: Uint8Array): void {
    this.#core.topics.publish({ channel: toChannel(channel), payload: Uint8Array.from(payload), offset: 0 });
  }

  /** The channels that have a subscription. */
  channels(): string[] {
    return this.#core.topics.channels();
  }
}

function decode(payload: Uint8Array): unknown {
  try {
    return decodeValue(asBuffer(payload));
  } catch {
    return payload; // Published as bytes that are no value.
  }
}
