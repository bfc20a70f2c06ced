import { invalidFrame } from './dialects/invalid-frame.js';
import { checkFrames, encodeJsonFrame, maxNestingDepth, reviveBinary, tooDeep } from './json.js';

/** The content of one WebSocket message. */
export type WireMessage = string | Uint8Array;

/**
 * Converts between wire values and WebSocket messages. Any object with these two functions qualifies, including the
 * codec engines published for SocketCluster (see `binaryCodec` in `sc-protocol/legacy`). Both ends must be configured
 * with the same codec, or negotiate it by WebSocket subprotocol.
 */
export interface Codec {
  /** If set, announced and selected as WebSocket subprotocol. */
  readonly subprotocol?: string;
  /** May throw; the value is then not sent and the caller gets the error. Must not keep or modify the value. */
  encode(value: unknown): string | Uint8Array | ArrayBuffer;
  /** May throw; the message is then handled as an invalid frame. Text that is not a frame is returned unchanged. */
  decode(message: WireMessage): unknown;
}

/** The default: JSON text. Binary data is encoded as `{"base64":true,"data":"…"}`, and decoded to `Uint8Array`. */
export const jsonCodec: Codec = {
  encode: encodeJsonFrame,
  decode(message) {
    try {
      const text = typeof message === 'string' ? message : new TextDecoder(undefined, { fatal: true }).decode(message);
      // Anything except an object or array is raw data of the application and is passed on unchanged.
      if (!/^[ \n\r\t]*[[{]/.test(text)) return text;
      const value: unknown = JSON.parse(text);
      if (mayNestTooDeep(text)) checkFrames(value);
      // Searching the text first avoids walking values without binary data.
      return text.includes('"base64"') ? reviveBinary(value) : value;
    } catch (error) {
      // The message of a syntax error quotes the input, which may contain secrets.
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
