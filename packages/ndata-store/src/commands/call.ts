import { Buffer } from 'node:buffer';
import type { ReadyReply } from '../core/command.js';
import { decodeValue, toBytes } from '../values.js';
import type { Encoded } from '../values.js';
import { CommandRequest } from '../wire/request.js';

/** Decodes the value of a reply, stored in the buffer from `start` to `end`. */
export type ReplyDecoder<Result> = (buffer: Buffer, start: number, end: number) => Result;

/** A command with its arguments, ready to be sent to a store. */
export interface Call<Result = unknown> {
  /** The command's name, for messages. */
  readonly name: string;
  readonly code: number;
  readonly keys: readonly string[];
  readonly options: object | undefined;
  readonly payload: Encoded | undefined;
  readonly decode: ReplyDecoder<Result>;
  /** Whether the call may be resent after a link loss: it only reads, or the store deduplicates it. */
  readonly isRepeatable: boolean;
  /**
   * The publisher whose publications must keep their order. It may resend an unanswered publication through another
   * process, so its later publications must not stay queued behind one that was given up.
   */
  readonly orderedBy: string | undefined;
}

/** The arguments of a call, encoded. A reply is decoded as one value unless `decode` says otherwise. */
export interface CallParts<Result> {
  readonly keys: readonly string[];
  readonly options?: object | undefined;
  readonly payload?: Encoded | undefined;
  readonly decode?: ReplyDecoder<Result>;
  /** @default true for reads of keys, otherwise false */
  readonly isRepeatable?: boolean;
}

/** Several calls that are sent to a store as one. */
export interface CallList {
  calls(): readonly Call[];
}

const none: Buffer = Buffer.alloc(0);

/** Converts a call to the request that its command receives. Copies the payload, as the caller may reuse its bytes. */
export function requestOf(call: Call): CommandRequest {
  const request = new CommandRequest();
  request.keys = call.keys;
  if (call.options !== undefined) request.options = call.options as Record<string, unknown>;
  if (call.payload !== undefined) {
    request.buffer = typeof call.payload === 'string' ? toBytes(call.payload) : Buffer.from(call.payload);
    request.end = request.buffer.length;
  }
  return request;
}

/** Decodes a reply into the value that the caller receives, a copy. */
export function valueOf<Result>(call: Call<Result>, reply: ReadyReply): Result {
  if (reply === undefined) return call.decode(none, 0, 0);
  const bytes = typeof reply === 'string' ? Buffer.from(reply, 'latin1') : Buffer.from(reply);
  return call.decode(bytes, 0, bytes.length);
}

/** For replies without a value. */
export function decodeNothing(): undefined {
  return undefined;
}

/**
 * Decodes a reply that holds one value. Its type is the one that the command's `run` encodes; the link does not check
 * it.
 */
export const decodeAny: ReplyDecoder<never> = decodeValue as ReplyDecoder<never>;
