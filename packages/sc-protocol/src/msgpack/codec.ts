import type { Codec } from '../codec.js';
import { decodeMsgpack } from './decode.js';
import { encodeMsgpack } from './encode.js';

/**
 * MessagePack in binary WebSocket messages. A value is decoded as it would be from JSON, except that binary data is
 * sent unencoded and decoded to `Uint8Array`, and that a lone surrogate in a text becomes U+FFFD. Text messages stay
 * raw data.
 */
export const msgpackCodec: Codec = {
  subprotocol: 'socketcluster.msgpack',
  encode: encodeMsgpack,
  decode: (message) => (typeof message === 'string' ? message : decodeMsgpack(message)),
};
