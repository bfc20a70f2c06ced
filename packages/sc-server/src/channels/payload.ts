import { decodeValue } from 'ndata-store';
import { encodeJson, reviveBinary } from 'sc-protocol';

/** Highest tag byte of the store's encoding. JSON never begins with a byte this low. */
const maxTag = 2;

/**
 * Encodes the data of a publication for the stores: JSON, or empty for `undefined`. Throws the error of the JSON
 * encoder if the data cannot be encoded.
 */
export function encodePayload(data: unknown): string {
  return data === undefined ? '' : encodeJson(data);
}

/**
 * Hot path. Returns the payload as JSON. Publications of a store controller may be text or bytes in the store's
 * encoding; these are converted.
 */
export function jsonOfPayload(payload: Uint8Array): Uint8Array {
  const first = payload[0];
  if (first === undefined || first > maxTag) return payload;
  return Buffer.from(encodeJson(decodeValue(asBuffer(payload))));
}

/** Decodes the JSON of a payload. Restores bytes that JSON holds as base64. */
export function decodePayload(json: Uint8Array): unknown {
  if (json.length === 0) return undefined;
  const text = asBuffer(json).toString('utf8');
  const data: unknown = JSON.parse(text);
  return text.includes('"base64"') ? reviveBinary(data) : data;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
