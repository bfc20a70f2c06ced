import { formatIpAddress, parseIpAddress } from '../admission/ip-address.js';
import { encodeTlv, readTlvs } from './proxy-tlv.js';

// PROXY protocol version 2, https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2.

/** One end of a connection. */
export interface Endpoint {
  /** IP address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

/** TLS details from a balancer that terminated TLS. */
export interface ProxyTls {
  /** Protocol version as Node names it, for example "TLSv1.3". */
  readonly version?: string;
  /** Cipher suite as Node names it. */
  readonly cipher?: string;
  /** Whether the client presented a certificate that was verified. */
  readonly clientVerified: boolean;
  /** Common name of the client's certificate. */
  readonly clientName?: string;
  /** The client's verified certificate, in DER. */
  readonly clientCertificate?: Buffer;
  /** The server name that the client requested (SNI). */
  readonly serverName?: string;
}

/** Contents of a PROXY header. */
export interface ProxyInfo {
  /** `local`: the balancer opened the connection itself, for example for a health check. */
  readonly command: 'proxy' | 'local';
  /** The client, if its address is known. */
  readonly source?: Endpoint;
  /** The address the client connected to. */
  readonly destination?: Endpoint;
  /** Present if the client connected over TLS. */
  readonly tls?: ProxyTls;
  /** The sender waits for one byte, `proxyAck`, before it relays data. */
  readonly awaitsAck?: boolean;
}

/** ASCII ACK. A target sends this byte first to accept a connection whose header requests an acknowledgement. */
export const proxyAck = 0x06;
/** ASCII NAK. A target sends this byte to refuse a connection because it has reached its connection limit. */
export const proxyFull = 0x15;

/** The 12-byte signature of a version 2 header. */
export const proxySignature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** Length of the fixed part: signature, version and command, address family, and length of the rest. */
export const proxyPreludeBytes = 16;
/**
 * Maximum length of the variable part that is parsed. Our own headers without a client certificate take less than 600
 * bytes.
 */
export const maxProxyRestBytes = 16_384;
/** Longer certificates are omitted from the header. */
const maxCertificateBytes = 12_288;

const version2 = 0x20;
const families = { unspecified: 0x00, tcp4: 0x11, tcp6: 0x21 };
const tlvServerName = 0x02;
const tlvSsl = 0x20;
/** From the range that the specification reserves for applications. */
const tlvAwaitsAck = 0xe0;
const subTlv = { version: 0x21, clientName: 0x22, cipher: 0x23, clientCertificate: 0x28 };
const clientFlags = { ssl: 0x01, certificate: 0x02, certificateInSession: 0x04 };
const unverified = 1;

/** Encodes a version 2 header. */
export function encodeProxyHeader(info: ProxyInfo): Buffer {
  const { family, bytes } = encodeAddresses(info);
  const tls = info.tls === undefined ? [] : encodeTls(info.tls);
  const ack = info.awaitsAck === true ? [encodeTlv(tlvAwaitsAck, Buffer.alloc(0))] : [];
  const rest = Buffer.concat([bytes, ...tls, ...ack]);
  const prelude = Buffer.alloc(proxyPreludeBytes);
  proxySignature.copy(prelude);
  prelude[12] = version2 | (info.command === 'proxy' ? 1 : 0);
  prelude[13] = family;
  prelude.writeUInt16BE(rest.length, 14);
  return Buffer.concat([prelude, rest]);
}

/**
 * Returns the length of the part after the prelude, or `undefined` if the bytes are not a version 2 header or the
 * length exceeds the limit.
 */
export function proxyRestLength(prelude: Buffer): number | undefined {
  if (prelude.length < proxyPreludeBytes || !prelude.subarray(0, 12).equals(proxySignature)) return undefined;
  const command = prelude[12];
  if (command !== 0x20 && command !== 0x21) return undefined;
  const length = prelude.readUInt16BE(14);
  return length > maxProxyRestBytes ? undefined : length;
}

/** Parses a complete header. Returns `undefined` if it is malformed. */
export function parseProxyHeader(header: Buffer): ProxyInfo | undefined {
  const length = proxyRestLength(header);
  if (length === undefined || header.length !== proxyPreludeBytes + length) return undefined;
  const command = header[12] === 0x21 ? 'proxy' : 'local';
  const rest = header.subarray(proxyPreludeBytes);
  const addressBytes = addressLength(header[13] ?? 0);
  if (addressBytes > rest.length) return undefined;
  const tlvs = readTlvs(rest.subarray(addressBytes));
  if (tlvs === undefined) return undefined;
  // The specification requires receivers to ignore the addresses of a `local` command.
  const addresses = command === 'local' ? {} : parseAddresses(header[13] ?? 0, rest);
  const ssl = tlvs.get(tlvSsl);
  const tls = ssl === undefined ? undefined : parseTls(ssl, tlvs.get(tlvServerName));
  if (tls === 'malformed') return undefined;
  return {
    command,
    ...addresses,
    ...(tls === undefined ? {} : { tls }),
    ...(tlvs.has(tlvAwaitsAck) ? { awaitsAck: true } : {}),
  };
}

function encodeAddresses({ source, destination }: ProxyInfo): { family: number; bytes: Buffer } {
  const from = source === undefined ? undefined : parseIpAddress(source.address);
  const to = destination === undefined ? undefined : parseIpAddress(destination.address);
  if (source === undefined || destination === undefined || from === undefined || to?.length !== from.length) {
    return { family: families.unspecified, bytes: Buffer.alloc(0) };
  }
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return { family: from.length === 4 ? families.tcp4 : families.tcp6, bytes: Buffer.concat([from, to, ports]) };
}

function encodeTls(tls: ProxyTls): Buffer[] {
  const flags = clientFlags.ssl | (tls.clientVerified ? clientFlags.certificate | clientFlags.certificateInSession : 0);
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(tls.clientVerified ? 0 : unverified, 1);
  const parts: Buffer[] = [head];
  if (tls.version !== undefined) parts.push(encodeTlv(subTlv.version, tls.version));
  if (tls.clientName !== undefined) parts.push(encodeTlv(subTlv.clientName, tls.clientName));
  if (tls.cipher !== undefined) parts.push(encodeTlv(subTlv.cipher, tls.cipher));
  const { clientCertificate } = tls;
  if (clientCertificate !== undefined && clientCertificate.length <= maxCertificateBytes) {
    parts.push(encodeTlv(subTlv.clientCertificate, clientCertificate));
  }
  const ssl = encodeTlv(tlvSsl, Buffer.concat(parts));
  return tls.serverName === undefined ? [ssl] : [encodeTlv(tlvServerName, tls.serverName), ssl];
}

/** Length of the address block, by address family: the high half of byte 14. */
function addressLength(family: number): number {
  switch (family >> 4) {
    case 1:
      return 12;
    case 2:
      return 36;
    case 3:
      return 216;
    default:
      return 0;
  }
}

function parseAddresses(family: number, rest: Buffer): { source: Endpoint; destination: Endpoint } | undefined {
  if (family !== families.tcp4 && family !== families.tcp6) return undefined;
  const size = family === families.tcp4 ? 4 : 16;
  const endpoint = (start: number, portAt: number): Endpoint => ({
    address: formatIpAddress(rest.subarray(start, start + size)),
    port: rest.readUInt16BE(portAt),
  });
  return { source: endpoint(0, size * 2), destination: endpoint(size, size * 2 + 2) };
}

function parseTls(ssl: Buffer, serverName: Buffer | undefined): ProxyTls | undefined | 'malformed' {
  if (ssl.length < 5) return 'malformed';
  const flags = ssl[0] ?? 0;
  const parts = readTlvs(ssl.subarray(5));
  if (parts === undefined) return 'malformed';
  if ((flags & clientFlags.ssl) === 0) return undefined;
  const hasCertificate = (flags & (clientFlags.certificate | clientFlags.certificateInSession)) !== 0;
  const text = <Key extends string>(key: Key, value: Buffer | undefined): Partial<Record<Key, string>> =>
    value === undefined ? {} : ({ [key]: value.toString('utf8') } as Record<Key, string>);
  const clientCertificate = parts.get(subTlv.clientCertificate);
  return {
    clientVerified: hasCertificate && ssl.readUInt32BE(1) === 0,
    ...text('version', parts.get(subTlv.version)),
    ...text('cipher', parts.get(subTlv.cipher)),
    ...text('clientName', parts.get(subTlv.clientName)),
    ...text('serverName', serverName),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  };
}
