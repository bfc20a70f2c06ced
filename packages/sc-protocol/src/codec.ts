import { invalidFrame } from './dialects/invalid-frame.js';
import { checkFrames, encodeJsonFrame, maxNestingDepth, reviveBinary, tooDeep } from './json.js';

/** The content of one WebSocket message. */
export type WireMessage = string | Uint8Array;

/**
 * Wire value ↔ WebSocket message. Any object with these two functions will do, the codec engines published for
 * SocketCluster among them (see `binaryCodec` in `sc-protocol/legacy`). Both ends must be told to use the same one, or agree by WebSocket
 * subprotocol.
 */
export interface Codec {
  /** Announced and chosen as WebSocket subprotocol when set. */
  readonly subprotocol?: string;
  /** May throw; the value is then not sent and the caller gets the error. Must not keep or change the value. */
  encode(value: unknown): string | Uint8Array | ArrayBuffer;
  /** May throw; the message is then answered as an invalid frame. Text that is no frame is returned as it is. */
  decode(message: WireMessage): unknown;
}

/** The default: JSON text. Binary data in it is spelled `{"base64":true,"data":"…"}`, and is a `Uint8Array` again once decoded. */
export const jsonCodec: Codec = {
  encode: encodeJsonFrame,
  decode(message) {
    try {
      const text = typeof message === 'string' ? message : new TextDecoder(undefined, { fatal: true }).decode(message);
      // Anything but an object or an array is raw data of the application, and is handed on as it came.
      if (!/^[ \n\r\t]*[[{]/.test(text)) return text;
      const value: unknown = JSON.parse(text);
      if (mayNestTooDeep(text)) checkFrames(value);
      // Looking for the spelling first spares the walk through everything else.
      return text.includes('"base64"') ? reviveBinary(value) : value;
    } catch (error) {
      // The text of a syntax error quotes the message, which may hold secrets.
      if (!(error instanceof RangeError)) throw invalidFrame('JSON', 'text', 'must be JSON in UTF-8');
      throw invalidFrame('JSON', 'text', tooDeep, undefined, undefined, 'nesting');
    }
  },
};

/** Hot path: a few native searches instead of a walk, which only texts with many brackets need. */
function mayNestTooDeep(text: string): boolean {
  let left = maxNestingDepth;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (--left < 0) return true;
  }
  return false;
}
