import { decodeValue } from 'ndata-store';
import { encodeJson, reviveBinary } from 'sc-protocol';

/**
 * The data of a publication on its way through the stores: JSON, no bytes at all for no data. A volatile publication
 * begins with a space, which means nothing in JSON, so that stores and what else reads them need not know.
 */
const volatileMark = 0x20;

/** Throws what JSON throws for data that it cannot encode. */
export function encodePayload(data: unknown, isVolatile = false): string {
  const json = data === undefined ? '' : encodeJson(data);
  return isVolatile ? ` ${json}` : json;
}

/** Hot path. */
export function isVolatilePayload(payload: Uint8Array): boolean {
  return payload[0] === volatileMark;
}

/**
 * Hot path: the JSON alone. What a store's own controller publishes may be text or bytes as the store keeps them; that
 * is spelled in JSON first.
 */
export function jsonOfPayload(payload: Uint8Array): Uint8Array {
  const first = payload[0];
  if (first === undefined || first > volatileMark) return payload;
  if (first === volatileMark) return payload.subarray(1);
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
