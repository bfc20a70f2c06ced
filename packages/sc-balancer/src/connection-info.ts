import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Endpoint, ProxyInfo, ProxyTls } from './proxy-header.js';

/** Who is at the two ends of a connection, as the kernel says. */
export function endpointsOf(connection: Socket): ProxyInfo {
  const source = endpoint(connection.remoteAddress, connection.remotePort);
  const destination = endpoint(connection.localAddress, connection.localPort);
  return {
    command: 'proxy',
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  };
}

/** What a connection that ended TLS here tells of the client. */
export function tlsInfoOf(client: TLSSocket): ProxyTls {
  const version = client.getProtocol();
  // False when the client sent none.
  const serverName = (client as { servername?: string | false }).servername;
  const clientName = client.authorized ? commonName(client) : undefined;
  return {
    clientVerified: client.authorized,
    cipher: client.getCipher().standardName,
    ...(version === null ? {} : { version }),
    ...(clientName === undefined ? {} : { clientName }),
    ...(typeof serverName === 'string' ? { serverName } : {}),
  };
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

function commonName(client: TLSSocket): string | undefined {
  // Typed as always there, but a resumed session or a certificate without a subject has none.
  const certificate = client.getPeerCertificate() as { subject?: { CN?: unknown } };
  const name = certificate.subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
