import { X509Certificate } from 'node:crypto';
import type { ProtocolOptions } from '../options/protocol-options.js';

/**
 * When the first of the certificates expires, in seconds since 1970. `undefined` if there is none in PEM: what is in a pfx
 * is not looked at.
 */
export function certificateExpiry({ cert, serverNames = {} }: ProtocolOptions): number | undefined {
  const certificates = [cert, ...Object.values(serverNames).map((one) => one.cert)].flat();
  const ends = certificates.flatMap((one) => (one === undefined ? [] : endOf(one)));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function endOf(certificate: string | Buffer): number[] {
  try {
    // Of a chain, the first certificate is the server's own.
    return [Math.floor(Date.parse(new X509Certificate(certificate).validTo) / 1_000)];
  } catch {
    return []; // OpenSSL takes more than this parser; such a certificate serves, without a date here.
  }
}
