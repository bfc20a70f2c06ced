import { isUtf8 } from 'node:buffer';
import { closeCodes } from 'sc-protocol';
import { opcodes } from './opcodes.js';

/** A close frame holds at most this many bytes of reason (RFC 6455 §5.5). */
const maxReasonBytes = 123;
const noStatus = 1005;

/** Content of a close frame; code 1005 if it is empty (RFC 6455 §7.1.5). */
export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

/**
 * Encodes a server's close frame. A reason that is too long is truncated at a character boundary; code 1005 gives an
 * empty frame.
 */
export function frameClose(code: number, reason: string): Buffer {
  if (code === noStatus) return Buffer.from([0x80 | opcodes.close, 0]);
  const said = limitReason(reason);
  const frame = Buffer.allocUnsafe(4 + said.length);
  frame[0] = 0x80 | opcodes.close;
  frame[1] = 2 + said.length;
  frame.writeUInt16BE(code, 2);
  frame.set(said, 4);
  return frame;
}

/** Parses the payload of a client's close frame. A number is the close code for an invalid payload. */
export function readClose(payload: Buffer): CloseStatus | number {
  if (payload.length === 0) return { code: noStatus, reason: '' };
  if (payload.length === 1) return closeCodes.webSocketProtocolError;
  const code = payload.readUInt16BE(0);
  if (!canComeFromClient(code)) return closeCodes.webSocketProtocolError;
  const reason = payload.subarray(2);
  return isUtf8(reason) ? { code, reason: reason.toString('utf8') } : closeCodes.invalidData;
}

/** RFC 6455 §7.4 and the IANA registry: 1004 to 1006 and 1015 must not be sent. */
function canComeFromClient(code: number): boolean {
  return (code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006)) || (code >= 3000 && code <= 4999);
}

function limitReason(reason: string): Buffer {
  const bytes = Buffer.from(reason);
  if (bytes.length <= maxReasonBytes) return bytes;
  let end = maxReasonBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
