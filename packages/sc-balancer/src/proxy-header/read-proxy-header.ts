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
  /** A header that is not complete by then ends the connection, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
  /** Whether the peer may tell who the client is. A function is asked with the connection. @default true, which is right on a private unix socket */
  readonly trusted?: boolean | ((connection: Socket) => boolean);
  /** Whether the text form, version 1, is taken too. @default false */
  readonly acceptsV1?: boolean;
}

/**
 * Reads the PROXY protocol header (version 2) at the start of a fresh connection and nothing after it, then makes the
 * connection show the client's addresses, so that it can be given to any server with
 * `server.emit('connection', connection)`. When the client's side is TLS it looks like a TLS connection: `encrypted`,
 * `servername`, `authorized` for a verified client certificate, and `getPeerCertificate()`.
 *
 * Acknowledges the header when a `ProxyBalancer` with the option `acknowledged` asks for it.
 *
 * Rejects, and destroys the connection, with InvalidFrameError when the header is malformed, the peer is not trusted,
 * or the connection ends before; with TimeoutError when it is late.
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
    // The rejection below covers errors of the connection as well.
    connection.on('error', () => undefined);
    connection.destroy();
    throw error;
  }
}

const ackBytes = Buffer.of(proxyAck);
const fullBytes = Buffer.of(proxyFull);

/**
 * Refuses a fresh connection because this process can hold no more, for example because no file descriptors are left. A
 * `ProxyBalancer` with the option `acknowledged` then tries the next target.
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
  // Empty without one, as Node's.
  show(connection, 'getPeerCertificate', () => readCertificate(tls.clientCertificate) ?? {});
}

function readCertificate(der: Buffer | undefined): PeerCertificate | undefined {
  if (der === undefined) return undefined;
  try {
    return new X509Certificate(der).toLegacyObject();
  } catch {
    return undefined; // Not what the balancer should have sent; as good as none.
  }
}

/** Defines an own property that shadows the getter, which asks the kernel. */
function show(connection: Socket, name: string, value: unknown): void {
  Object.defineProperty(connection, name, { value, configurable: true, enumerable: true, writable: true });
}
