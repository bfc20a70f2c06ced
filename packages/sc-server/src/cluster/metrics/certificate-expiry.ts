import { X509Certificate } from 'node:crypto';
import type { ProtocolOptions } from '../options/protocol-options.js';

/**
 * Returns the earliest expiry of the certificates, in seconds since 1970, or `undefined` if there are none in PEM
 * format. Certificates in a pfx are not considered.
 */
export function certificateExpiry({ cert, serverNames = {} }: ProtocolOptions): number | undefined {
  const certificates = [cert, ...Object.values(serverNames).map((one) => one.cert)].flat();
  const ends = certificates.flatMap((one) => (one === undefined ? [] : endOf(one)));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function endOf(certificate: string | Buffer): number[] {
  try {
    // The first certificate of a chain is the server's own.
    return [Math.floor(Date.parse(new X509Certificate(certificate).validTo) / 1_000)];
  } catch {
    return []; // OpenSSL accepts more formats than this parser. The certificate still works, but has no expiry here.
  }
}
