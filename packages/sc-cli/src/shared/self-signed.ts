import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, integer, objectId, octets, sequence, set, tagged, utcTime, utf8, yes } from './der.js';

export interface SelfSigned {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const dayMs = 86_400_000;

/** Creates a self-signed certificate (X.509 v3, P-256) for host names and addresses. For development. */
export function selfSigned(hosts: readonly string[], days: number, now = new Date()): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectId(ecdsaWithSha256));
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8(hosts[0] ?? 'localhost'))));
  const serial = randomBytes(16);
  // Positive, and without a leading zero byte.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    sequence(utcTime(new Date(now.getTime() - dayMs)), utcTime(new Date(now.getTime() + days * dayMs))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(alternativeNames(hosts), basicConstraints(), serverUse())),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  const lines = der.toString('base64').replace(/.{64}(?!$)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => {
    return isIP(host) === 0 ? tagged(0x82, Buffer.from(host, 'ascii')) : tagged(0x87, addressBytes(host));
  });
  return sequence(objectId('2.5.29.17'), octets(sequence(...names)));
}

/** Not a CA: no other certificate can be signed with it, even if it is trusted. */
function basicConstraints(): Buffer {
  return sequence(objectId('2.5.29.19'), yes(), octets(sequence()));
}

function serverUse(): Buffer {
  return sequence(objectId('2.5.29.37'), octets(sequence(objectId('1.3.6.1.5.5.7.3.1'))));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // Expands IPv6 via the URL parser, which shortens it in a single canonical way.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.concat([...left, ...zeros, ...right].map((part) => Buffer.from(part.padStart(4, '0'), 'hex')));
}
