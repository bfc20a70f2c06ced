import type { Codec } from '../codec.js';
import { decodeMsgpack } from './decode.js';
import { encodeMsgpack } from './encode.js';

/**
 * MessagePack in binary WebSocket messages. A value comes out as it would from JSON, except that binary data travels as
 * it is and arrives as `Uint8Array`, and that a lone surrogate in a text becomes U+FFFD. Text messages stay raw data.
 */
export const msgpackCodec: Codec = {
  subprotocol: 'socketcluster.msgpack',
  encode: encodeMsgpack,
  decode: (message) => (typeof message === 'string' ? message : decodeMsgpack(message)),
};
