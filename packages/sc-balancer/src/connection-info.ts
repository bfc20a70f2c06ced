import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Endpoint, ProxyInfo, ProxyTls } from './proxy-header.js';

/** What a target is told of a client's connection. */
export function connectionInfo(client: Socket | TLSSocket): ProxyInfo {
  const source = endpoint(client.remoteAddress, client.remotePort);
  const destination = endpoint(client.localAddress, client.localPort);
  return {
    command: 'proxy',
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...('encrypted' in client ? { tls: tlsInfo(client) } : {}),
  };
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

function tlsInfo(client: TLSSocket): ProxyTls {
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

function commonName(client: TLSSocket): string | undefined {
  // Typed as always there, but a resumed session or a certificate without a subject has none.
  const certificate = client.getPeerCertificate() as { subject?: { CN?: unknown } };
  const name = certificate.subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
