import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How a link begins. The store greets: magic, version, u8 whether it has a secret, nonce. The client answers: magic,
 * version, u8 0, nonce, proof. The store's verdict: u8, proof. Each proof is an HMAC over both nonces, so a recorded
 * login is worth nothing and the secret itself never travels.
 */
export const magic = Buffer.from('NDAT', 'latin1');
export const nonceBytes = 32;
export const greetingBytes = 6 + nonceBytes;
export const answerBytes = greetingBytes + 32;
export const loginResultBytes = 33;

/** The first byte of a verdict. */
export const loginResults = { welcome: 1, wrongSecret: 2, wrongVersion: 3, full: 4 } as const;

export type LoginSide = 'client' | 'store';

/** What proves that a side knows the secret; zeros when there is none. */
export function loginProof(side: LoginSide, secret: string | undefined, storeNonce: Buffer, clientNonce: Buffer) {
  if (secret === undefined) return Buffer.alloc(32);
  return createHmac('sha256', secret).update(`ndata ${side}`).update(storeNonce).update(clientNonce).digest();
}

/** Compares in a time that does not depend on where the proofs differ. */
export function isSameProof(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The part that greeting and answer have in common. */
export function loginHead(version: number, flag: number, nonce: Buffer): Buffer {
  return Buffer.concat([magic, Buffer.from([version, flag]), nonce]);
}
