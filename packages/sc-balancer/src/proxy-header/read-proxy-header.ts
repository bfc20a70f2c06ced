import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { InvalidArgumentsError, InvalidFrameError } from 'sc-protocol';
import { takeProxyHeader } from './header-reader.js';
import { proxyAck, proxyFull } from './proxy-header.js';
import type { ProxyInfo } from './proxy-header.js';

/** Options of `readProxyHeader`. */
export interface ReadProxyHeaderOptions {
  /**
   * Time within which the header must be complete, in milliseconds; otherwise the connection is closed. @default 5000
   */
  readonly timeoutMs?: number;
  /**
   * Whether to accept the client address that the peer reports. A function receives the connection. @default true,
   * which is safe on a private unix socket
   */
  readonly trusted?: boolean | ((connection: Socket) => boolean);
  /** Whether the text format, version 1, is accepted too. @default false */
  readonly acceptsV1?: boolean;
}

/**
 * Reads the PROXY protocol header (version 2) at the start of a fresh connection and leaves all bytes after it in the
 * stream. Then sets the client's addresses on the connection, so that it can be passed to any server with
 * `server.emit('connection', connection)`. If the client connected over TLS, the connection has the properties of a TLS
 * socket: `encrypted`, `servername`, `authorized` for a verified client certificate, and `getPeerCertificate()`.
 *
 * Acknowledges the header if a `ProxyBalancer` with the option `acknowledged` requests it.
 *
 * On failure destroys the connection and rejects: with InvalidFrameError if the header is malformed, the peer is not
 * trusted, or the connection ends before the header is complete; with TimeoutError if the header is late.
 */
export async function readProxyHeader(connection: Socket, options: ReadProxyHeaderOptions = {}): Promise<ProxyInfo> {
  const { timeoutMs = 5_000, trusted = true, acceptsV1 = false } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw new InvalidArgumentsError(`\`timeoutMs\` must be a whole number from 1, got ${String(timeoutMs)}`);
  }
  const isTrusted = typeof trusted === 'function' ? trusted(connection) : trusted;
  try {
    if (!isTrusted) throw new InvalidFrameError('The peer may not send a PROXY header');
    const info = await takeProxyHeader(connection, { timeoutMs, acceptsV1 });
    showClient(connection, info);
    if (info.awaitsAck === true) connection.write(ackBytes);
    return info;
  } catch (error) {
    // The rejection reports errors of the connection as well.
    connection.on('error', () => undefined);
    connection.destroy();
    throw error;
  }
}

const ackBytes = Buffer.of(proxyAck);
const fullBytes = Buffer.of(proxyFull);

/**
 * Refuses a fresh connection because this process has reached its limit, for example because no file descriptors are
 * left. A `ProxyBalancer` with the option `acknowledged` then tries the next target.
 */
export function refuseProxied(connection: Socket): void {
  connection.on('error', () => undefined);
  connection.end(fullBytes, () => connection.destroy());
}

function showClient(connection: Socket, { source, destination, tls }: ProxyInfo): void {
  if (source !== undefined) {
    show(connection, 'remoteAddress', source.address);
    show(connection, 'remotePort', source.port);
    show(connection, 'remoteFamily', isIPv6(source.address) ? 'IPv6' : 'IPv4');
  }
  if (destination !== undefined) {
    show(connection, 'localAddress', destination.address);
    show(connection, 'localPort', destination.port);
  }
  if (tls === undefined) return;
  show(connection, 'encrypted', true);
  show(connection, 'servername', tls.serverName ?? false);
  show(connection, 'authorized', tls.clientVerified);
  // Like Node, return an empty object if there is no certificate.
  show(connection, 'getPeerCertificate', () => readCertificate(tls.clientCertificate) ?? {});
}

function readCertificate(der: Buffer | undefined): PeerCertificate | undefined {
  if (der === undefined) return undefined;
  try {
    return new X509Certificate(der).toLegacyObject();
  } catch {
    return undefined; // Malformed: treat it as no certificate.
  }
}

/** Defines an own property that shadows the getter on the prototype, which queries the kernel. */
function show(connection: Socket, name: string, value: unknown): void {
  Object.defineProperty(connection, name, { value, configurable: true, enumerable: true, writable: true });
}
