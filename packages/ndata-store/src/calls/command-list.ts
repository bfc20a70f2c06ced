import type { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';
import type { KeyChain } from '../key-chain.js';
import type {
  RemoveOptions,
  RemoveRangeOptions,
  SetOptions,
  SpliceOptions,
  ValueOptions,
} from '../store/data-store.js';
import { commandCodes } from '../wire/codes.js';
import { FrameWriter } from '../wire/frame-writer.js';
import type { Call, ReplyDecoder } from './call.js';
import { dataCalls } from './data-calls.js';

/** Commands that are given to a store together: a transaction, or a last will. Every method adds one and returns the list. */
export class CommandList {
  readonly #calls: Call[] = [];

  get(key: KeyChain): this {
    return this.#add(dataCalls.get(key));
  }
  hasKey(key: KeyChain): this {
    return this.#add(dataCalls.hasKey(key));
  }
  count(key: KeyChain): this {
    return this.#add(dataCalls.count(key));
  }
  getRange(key: KeyChain, from: string | number, to?: string | number): this {
    return this.#add(dataCalls.getRange(key, from, to));
  }
  set(key: KeyChain, value: unknown, options?: SetOptions | boolean): this {
    return this.#add(dataCalls.set(key, value, options));
  }
  add(key: KeyChain, value: unknown): this {
    return this.#add(dataCalls.add(key, value));
  }
  concat(key: KeyChain, value: unknown, options?: ValueOptions | boolean): this {
    return this.#add(dataCalls.concat(key, value, options));
  }
  remove(key: KeyChain, options?: RemoveOptions | boolean): this {
    return this.#add(dataCalls.remove(key, options));
  }
  removeRange(key: KeyChain, from: string | number, to?: string | number | RemoveRangeOptions): this {
    return this.#add(dataCalls.removeRange(key, from, to));
  }
  splice(key: KeyChain, options?: SpliceOptions): this {
    return this.#add(dataCalls.splice(key, options));
  }
  pop(key: KeyChain, options?: ValueOptions | boolean): this {
    return this.#add(dataCalls.pop(key, options));
  }
  increment(key: KeyChain, by?: number): this {
    return this.#add(dataCalls.increment(key, by));
  }
  compareAndSet(key: KeyChain, expected: unknown, value: unknown): this {
    return this.#add(dataCalls.compareAndSet(key, expected, value));
  }
  expire(key: KeyChain, seconds: number): this {
    return this.#add(dataCalls.expire(key, seconds));
  }
  unexpire(key: KeyChain): this {
    return this.#add(dataCalls.unexpire(key));
  }
  getExpiry(key: KeyChain): this {
    return this.#add(dataCalls.getExpiry(key));
  }

  /** The commands so far. */
  calls(): readonly Call[] {
    return this.#calls;
  }

  #add(call: Call): this {
    this.#calls.push(call);
    return this;
  }
}

/** Commands as the payload of one: per command u8 code, u32 length, body. */
export function packCalls(calls: readonly Call[]): Buffer {
  const writer = new FrameWriter();
  for (const call of calls) {
    writer.uint8(commandCodes[call.name]);
    const hole = writer.hole();
    writer.head(call.keys, call.options);
    if (call.payload !== undefined) writer.encoded(call.payload);
    writer.patch(hole);
  }
  return writer.take();
}

/** Reads the values of such commands: per command u32 length and value. */
export function decodeReplies(calls: readonly Call[]): ReplyDecoder {
  return (buffer, start, end) => {
    let at = start;
    return calls.map((call) => {
      if (at + 4 > end) throw new InvalidFrameError('An answer ends before its content does', { field: 'length' });
      const valueStart = at + 4;
      at = valueStart + buffer.readUInt32LE(at);
      return call.decode(buffer, valueStart, at);
    });
  };
}
