import { Buffer } from 'node:buffer';
import { InvalidActionError, NoHandlerError } from 'sc-protocol';
import { toChannel } from '../channel-name.js';
import type { ReadyReply } from '../core/command.js';
import type { CoreOwner } from '../core/command.js';
import type { StoreCore } from '../core/store-core.js';
import { statisticsOf } from '../core/statistics.js';
import type { ShardStatistics } from '../core/statistics.js';
import { asBuffer, decodeStored, decodeValue, encodeData, encodeStored, toBytes } from '../values.js';
import { createDataMap } from './data-map.js';
import type { DataMap } from './data-map.js';
import { GuardedEmitter } from '../core/guarded-emitter.js';
import { Procedures } from './procedures.js';
import type { EncodedPublication, Procedure } from './procedures.js';

/** Replies to a message with an error or with data. Only the first reply counts. */
export type Respond = (error: Error | null, data?: unknown) => void;

/** Events of a store controller. */
export interface StoreControllerEvents {
  /** A channel has its first subscription. */
  subscribe: (channel: string) => void;
  /** A channel has lost its last subscription. */
  unsubscribe: (channel: string) => void;
  /** A client has published. Not emitted for publications of the controller itself. */
  publish: (channel: string, data: unknown) => void;
  /** A client has sent data to the controller with `send`. */
  message: (data: unknown, respond: Respond) => void;
  /** The process that owns this store has sent data. */
  masterMessage: (data: unknown) => void;
  /** The log cannot be written, e.g. because the disk is full. Writes are rejected until `writable`. */
  readOnly: (error: Error) => void;
  /** The log can be written again, and is complete. */
  writable: () => void;
}

/** Options that the owner of a store passes to its controller. */
export interface ControllerOptions {
  /** Identifies the store to its controller. @default '0' */
  readonly id?: string | number;
  /** Any value, passed to the controller as `options`. */
  readonly storeOptions?: unknown;
  /** Transports the data of the controller's `sendToMaster`. @default none */
  readonly sendToMaster?: (data: unknown) => void;
}

/**
 * The store as seen from inside its process: the argument of a store controller's `run(store)`. An exception in a
 * listener is reported to the store's owner and does not affect clients, except that the sender of a `message` gets an
 * error as reply.
 */
export class StoreController extends GuardedEmitter<StoreControllerEvents> {
  /** Identifies the store. */
  readonly id: string;
  /** The value that the owner passed as `storeOptions`. */
  readonly options: unknown;
  /** Synchronous access to the store's keys. */
  readonly dataMap: DataMap;
  /** The same as `dataMap`: the original has `expire`, `unexpire` and `getExpiry` here. */
  readonly dataExpirer: DataMap;
  readonly #core: StoreCore;
  readonly #procedures: Procedures;
  readonly #sendToMaster: ((data: unknown) => void) | undefined;
  readonly #onFault: (error: unknown) => void;

  /** Created by the store itself. */
  constructor(core: StoreCore, { id, storeOptions, sendToMaster }: ControllerOptions, onFault: (error: Error) => void) {
    super();
    this.#onFault = (error) => onFault(error instanceof Error ? error : new Error(String(error)));
    this.id = String(id ?? '0');
    this.options = storeOptions;
    this.#sendToMaster = sendToMaster;
    this.#core = core;
    core.owner = this.#ownCore();
    this.dataMap = createDataMap(core);
    this.dataExpirer = this.dataMap;
    this.#procedures = new Procedures(core, toPublication);
    core.procedures = {
      invoke: (name, data) => this.#procedures.invoke(name, data),
      runSource: (call, baseKeys) => this.#procedures.runSource(call, baseKeys),
      message: (data) => this.#message(decodeStored(data)),
    };
  }

  /** Publishes to this store's subscribers, without a `publish` event. */
  publish(channel: string, data?: unknown): void {
    const { channel: name, payload } = toPublication(channel, data);
    this.#core.publish(name, payload, false, false);
  }

  /** Like `publish`, with an opaque payload. */
  publishPayload(channel: string, payload: Uint8Array): void {
    this.#core.publish(toChannel(channel), Buffer.from(payload), false, false);
  }

  /** The channels that have a subscription. */
  channels(): string[] {
    return this.#core.topics.channels();
  }

  /** Counters of the store. */
  statistics(): ShardStatistics {
    return statisticsOf(this.#core);
  }

  /** Lets clients `invoke` the procedure by this name. Throws `InvalidArgumentsError` if the name is taken. */
  defineProcedure(name: string, procedure: Procedure): void {
    this.#procedures.define(name, procedure);
  }

  /** Sends data to the process that owns this store. Throws `InvalidActionError` if there is no such process. */
  sendToMaster(data: unknown): void {
    if (this.#sendToMaster === undefined) throw new InvalidActionError('No other process owns this store');
    this.#sendToMaster(data);
  }

  /** For the owner: passes data to the controller as a `masterMessage`. */
  receiveFromMaster(data: unknown): void {
    this.tell('masterMessage', [data], this.#onFault);
  }

  #ownCore(): CoreOwner {
    return {
      firstSubscription: (channel) => void this.tell('subscribe', [channel], this.#onFault),
      lastUnsubscription: (channel) => void this.tell('unsubscribe', [channel], this.#onFault),
      published: (channel, payload) => {
        if (this.listenerCount('publish') > 0) this.tell('publish', [channel, decode(payload)], this.#onFault);
      },
      readOnly: (error) => void this.tell('readOnly', [error], this.#onFault),
      writable: () => void this.tell('writable', [], this.#onFault),
    };
  }

  #message(data: unknown): Promise<ReadyReply> {
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const respond: Respond = (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer === undefined ? undefined : encodeStored(answer));
        isAnswered = true;
      };
      const onThrow = (error: unknown): void => {
        // The caller already has its reply, so report the error to the owner.
        if (isAnswered) this.#onFault(error);
        else reject(error);
        isAnswered = true;
      };
      if (!this.tell('message', [data, respond], onThrow)) {
        reject(new NoHandlerError('No listener for messages in this store'));
      }
    });
  }
}

function toPublication(channel: string, data: unknown): EncodedPublication {
  return { channel: toChannel(channel), payload: Buffer.from(toBytes(encodeData(data))) };
}

function decode(payload: Uint8Array): unknown {
  try {
    return decodeValue(asBuffer(payload));
  } catch {
    return payload; // Published as raw bytes, not as an encoded value.
  }
}
