import { decodeValue } from 'ndata-store';
import { encodeJson, reviveBinary } from 'sc-protocol';

/** Values at rest in a store may begin with a tag; JSON never does. */
const maxTag = 2;

/**
 * The data of a publication on its way through the stores: JSON, no bytes at all for no data. Throws what JSON throws for
 * data that it cannot encode.
 */
export function encodePayload(data: unknown): string {
  return data === undefined ? '' : encodeJson(data);
}

/**
 * Hot path: returns the JSON. Publications of a store's own controller may be text or bytes in the store's encoding,
 * and are converted to JSON first.
 */
export function jsonOfPayload(payload: Uint8Array): Uint8Array {
  const first = payload[0];
  if (first === undefined || first > maxTag) return payload;
  return Buffer.from(encodeJson(decodeValue(asBuffer(payload))));
}

/** The data whose JSON it is; bytes, which JSON spells as text, are bytes again. */
export function decodePayload(json: Uint8Array): unknown {
  if (json.length === 0) return undefined;
  const text = asBuffer(json).toString('utf8');
  const data: unknown = JSON.parse(text);
  return text.includes('"base64"') ? reviveBinary(data) : data;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
