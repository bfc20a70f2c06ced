import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Endpoint, ProxyInfo, ProxyTls } from '../proxy-header/proxy-header.js';

/** The addresses of both ends of a connection, as reported by the kernel. */
export function endpointsOf(connection: Socket): ProxyInfo {
  const source = endpoint(connection.remoteAddress, connection.remotePort);
  const destination = endpoint(connection.localAddress, connection.localPort);
  return {
    command: 'proxy',
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  };
}

/** Returns details of the client's TLS session, for a connection on which this process terminated TLS. */
export function tlsInfoOf(client: TLSSocket): ProxyTls {
  const version = client.getProtocol();
  // False if the client sent no server name.
  const serverName = (client as { servername?: string | false }).servername;
  const certificate = client.authorized ? certificateOf(client) : undefined;
  return {
    clientVerified: client.authorized,
    cipher: client.getCipher().standardName,
    ...(version === null ? {} : { version }),
    ...certificate,
    ...(typeof serverName === 'string' ? { serverName } : {}),
  };
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

function certificateOf(client: TLSSocket): Pick<ProxyTls, 'clientName' | 'clientCertificate'> {
  // The types declare both fields as required, but a certificate may lack a subject, and without a certificate the
  // object is empty.
  const { raw, subject } = client.getPeerCertificate() as { raw?: Buffer; subject?: { CN?: unknown } };
  return {
    ...(typeof subject?.CN === 'string' ? { clientName: subject.CN } : {}),
    ...(raw === undefined ? {} : { clientCertificate: raw }),
  };
}
