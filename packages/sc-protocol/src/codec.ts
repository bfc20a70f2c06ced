import { encodeJson } from './json.js';

/** What travels in one WebSocket message. */
export type WireMessage = string | Uint8Array;

/**
 * Wire value ↔ WebSocket message. Any object with these two functions will do, the codec engines published for
 * SocketCluster among them. Both ends must be told to use the same one, or agree by WebSocket subprotocol.
 */
export interface Codec {
  /** Announced and chosen as WebSocket subprotocol when set. */
  readonly subprotocol?: string;
  /** May throw; the value is then not sent and the caller gets the error. Must not keep or change the value. */
  encode(value: unknown): string | Uint8Array | ArrayBuffer;
  /** May throw; the message is then answered as an invalid frame. */
  decode(message: WireMessage): unknown;
}

/** The default: JSON text. Binary data in it is spelled `{"base64":true,"data":"…"}`. */
export const jsonCodec: Codec = {
  encode: encodeJson,
  decode(message) {
    const text = typeof message === 'string' ? message : new TextDecoder('utf-8', { fatal: true }).decode(message);
    const start = firstCharacter(text);
    // Anything but an object or an array is raw data of the application, and is handed on as it came.
    return start === '{' || start === '[' ? JSON.parse(text) : text;
  },
};

function firstCharacter(text: string): string | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return text[i];
  }
  return undefined;
}
