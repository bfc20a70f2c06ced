import { Buffer } from 'node:buffer';
import type { ReadyReply } from '../commands/command.js';
import { toBytes } from '../values.js';
import { CommandRequest } from '../wire/request.js';
import type { Call } from './call.js';

const none: Buffer = Buffer.alloc(0);

/** A call as the request its command sees. The payload is copied: the caller may use its bytes again. */
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

/** What a call's caller gets of the reply: a copy. */
export function valueOf(call: Call, reply: ReadyReply): unknown {
  if (reply === undefined) return call.decode(none, 0, 0);
  const bytes = typeof reply === 'string' ? Buffer.from(reply, 'latin1') : Buffer.from(reply);
  return call.decode(bytes, 0, bytes.length);
}
