import { Buffer } from 'node:buffer';
import { EventEmitter } from 'eventemitter3';
import { InvalidActionError, NoHandlerError } from 'sc-protocol';
import { asBuffer, toChannel } from '../client/arguments.js';
import type { ReadyReply } from '../commands/command.js';
import type { ShardStatistics } from '../store/store.js';
import { decodeStored, decodeValue, encodeStored, encodeValue, toBytes } from '../values.js';
import { resolveStoreOptions } from './core-options.js';
import type { StoreOptions } from './core-options.js';
import { DataMap } from './data-map.js';
import { Procedures } from './procedures.js';
import type { Procedure } from './procedures.js';
import { statisticsOf } from './statistics.js';
import { StoreCore } from './store-core.js';

/** Answers a message: with an error, or with data. Only the first answer counts. */
export type Respond = (error: Error | null, data?: unknown) => void;

export interface StoreControllerEvents {
  /** A channel has its first subscription. */
  subscribe: (channel: string) => void;
  /** A channel has lost its last subscription. */
  unsubscribe: (channel: string) => void;
  /** A client has published. Not for what the controller itself publishes. */
  publish: (channel: string, data: unknown) => void;
  /** A client has sent data to the controller with `send`. */
  message: (data: unknown, respond: Respond) => void;
  /** The process that owns this store has sent data. */
  masterMessage: (data: unknown) => void;
  /** Its log cannot be written, as when the disk is full: writes are refused until `writable`. */
  readOnly: (error: Error) => void;
  /** The log can be written again, and holds everything. */
  writable: () => void;
}

/** The store from inside: what a store controller's `run(store)` gets. */
export class StoreController extends EventEmitter<StoreControllerEvents> {
  readonly id: string;
  /** What the owner passed as `storeOptions`. */
  readonly options: unknown;
  /** The store's keys, answered on the spot. */
  readonly dataMap: DataMap;
  /** The same, for who looks for `expire`, `unexpire` and `getExpiry` where they used to be. */
  readonly dataExpirer: DataMap;
  readonly #core: StoreCore;
  readonly #procedures: Procedures;
  readonly #sendToMaster: ((data: unknown) => void) | undefined;

  /** Made by the store itself. Throws `InvalidOptionsError`. */
  constructor(options: StoreOptions, receiveCore: (core: StoreCore) => void) {
    super();
    this.id = String(options.id ?? '0');
    this.options = options.storeOptions;
    this.#sendToMaster = options.sendToMaster;
    this.#core = new StoreCore(resolveStoreOptions(options), {
      firstSubscription: (channel) => void this.emit('subscribe', channel),
      lastUnsubscription: (channel) => void this.emit('unsubscribe', channel),
      published: (channel, payload) => {
        if (this.listenerCount('publish') > 0) this.emit('publish', channel, decode(payload));
      },
    });
    this.dataMap = new DataMap(this.#core);
    this.dataExpirer = this.dataMap;
    this.#procedures = new Procedures(this.#core, (channel, data) => this.publish(channel, data));
    this.#core.procedures = {
      invoke: (name, data) => this.#procedures.invoke(name, data),
      runSource: (call, baseKeys) => this.#procedures.runSource(call, baseKeys),
      message: (data) => this.#message(decodeStored(data)),
    };
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

  /** What the store counts. */
  statistics(): ShardStatistics {
    return statisticsOf(this.#core);
  }

  /** Lets clients `invoke` the procedure by this name. Throws `InvalidArgumentsError` if there is one already. */
  defineProcedure(name: string, procedure: Procedure): void {
    this.#procedures.define(name, procedure);
  }

  /** Sends data to the process that owns this store. Throws `InvalidActionError` if none does. */
  sendToMaster(data: unknown): void {
    if (this.#sendToMaster === undefined) throw new InvalidActionError('No other process owns this store');
    this.#sendToMaster(data);
  }

  /** For the owner: hands data to the controller as a `masterMessage`. */
  receiveFromMaster(data: unknown): void {
    this.emit('masterMessage', data);
  }

  #message(data: unknown): Promise<ReadyReply> {
    return new Promise((resolve, reject) => {
      const respond: Respond = (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer === undefined ? undefined : encodeStored(answer));
      };
      if (!this.emit('message', data, respond)) reject(new NoHandlerError('Nobody listens to messages in this store'));
    });
  }
}

function decode(payload: Uint8Array): unknown {
  try {
    return decodeValue(asBuffer(payload));
  } catch {
    return payload; // Published as bytes that are no value.
  }
}
