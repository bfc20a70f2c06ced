import type { Buffer } from 'node:buffer';
import { decodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import type { CommandName } from '../wire/codes.js';

/** Reads the value of a reply, which lies in the buffer from `start` to `end`. */
export type ReplyDecoder = (buffer: Buffer, start: number, end: number) => unknown;

/** A command, ready to be given to a store. */
export interface Call {
  readonly name: CommandName;
  readonly keys: readonly string[];
  readonly options: object | undefined;
  readonly payload: Encoded | undefined;
  readonly decode: ReplyDecoder;
}

export function makeCall(
  name: CommandName,
  keys: readonly string[],
  options?: object,
  payload?: Encoded,
  decode: ReplyDecoder = decodeValue,
): Call {
  return { name, keys, options, payload, decode };
}

/** For replies without a value. */
export function decodeNothing(): undefined {
  return undefined;
}
