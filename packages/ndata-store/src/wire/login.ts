import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The handshake of a link. The store sends a greeting: magic, version, u8 whether it has a secret, nonce. The client
 * sends an answer: magic, version, u8 flag, nonce, proof. With the flag 1, the last four bytes of its nonce are the
 * {@link ShardPlace} that it uses for the store: u16 index, u16 count. The store sends a result: u8, proof, u32 maximum
 * frame size that it accepts. Each proof is an HMAC over both nonces, and the store's also over that limit, so a
 * recorded login cannot be replayed and the secret itself is never transmitted.
 */
export const magic = Buffer.from('NDAT', 'latin1');
export const nonceBytes = 32;
export const greetingBytes = 6 + nonceBytes;
export const answerBytes = greetingBytes + 32;
export const loginResultBytes = 37;
/** Common prefix of every protocol version: magic and version. */
export const versionBytes = 5;

/** The first byte of a result. */
export const loginResults = { welcome: 1, wrongSecret: 2, wrongVersion: 3, full: 4, wrongPlace: 5 } as const;

/** Position of a store among the shards of a client. */
export interface ShardPlace {
  readonly index: number;
  readonly count: number;
}

const placeBytes = 4;

/** The client's answer up to its proof. A place replaces the end of the random nonce, so the proof covers it. */
export function clientHead(version: number, nonce: Buffer, place: ShardPlace | undefined): Buffer {
  if (place !== undefined) encodePlace(place).copy(nonce, nonceBytes - placeBytes);
  return loginHead(version, place === undefined ? 0 : 1, nonce);
}

/** The place in a client's answer, if it has one. */
export function placeOf(answer: Buffer): ShardPlace | undefined {
  return answer[versionBytes] === 1 ? decodePlace(answer, greetingBytes - placeBytes) : undefined;
}

export function encodePlace({ index, count }: ShardPlace): Buffer {
  const bytes = Buffer.alloc(placeBytes);
  bytes.writeUInt16LE(index, 0);
  bytes.writeUInt16LE(count, 2);
  return bytes;
}

export function decodePlace(bytes: Buffer, start: number): ShardPlace {
  return { index: bytes.readUInt16LE(start), count: bytes.readUInt16LE(start + 2) };
}

const noLimits = new Uint8Array(0);

export type LoginSide = 'client' | 'store';

/** Computes the proof that a side has the secret; zeros if there is none. */
export function loginProof(
  side: LoginSide,
  secret: string | undefined,
  storeNonce: Buffer,
  clientNonce: Buffer,
  limits: Uint8Array = noLimits,
): Buffer {
  if (secret === undefined) return Buffer.alloc(32);
  const hmac = createHmac('sha256', secret).update(`ndata ${side}`);
  return hmac.update(storeNonce).update(clientNonce).update(limits).digest();
}

/** Encodes the store's limits for the wire. */
export function encodeLimits(maxFrameBytes: number): Buffer {
  const limits = Buffer.alloc(4);
  limits.writeUInt32LE(maxFrameBytes);
  return limits;
}

/** Compares two proofs in constant time. */
export function isSameProof(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Encodes the common part of greeting and answer. */
export function loginHead(version: number, flag: number, nonce: Buffer): Buffer {
  return Buffer.concat([magic, Buffer.from([version, flag]), nonce]);
}
