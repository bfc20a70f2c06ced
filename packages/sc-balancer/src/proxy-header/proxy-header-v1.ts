import { isIP } from 'node:net';
import type { Endpoint, ProxyInfo } from './proxy-header.js';

/** Maximum length of a version 1 line with its CRLF, from the specification. */
export const maxV1Bytes = 107;

/** Parses a complete version 1 line with its CRLF. Returns `undefined` if it is malformed. */
export function parseProxyHeaderV1(line: Buffer): ProxyInfo | undefined {
  if (line.length > maxV1Bytes) return undefined;
  const text = line.toString('latin1');
  if (!text.startsWith('PROXY ') || !text.endsWith('\r\n')) return undefined;
  const [, family, from, to, fromPort, toPort, ...more] = text.slice(0, -2).split(' ');
  // The specification requires receivers to ignore the rest of an UNKNOWN line.
  if (family === 'UNKNOWN') return { command: 'proxy' };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  if (version === undefined || more.length > 0) return undefined;
  const source = endpoint(version, from, fromPort);
  const destination = endpoint(version, to, toPort);
  return source === undefined || destination === undefined ? undefined : { command: 'proxy', source, destination };
}

function endpoint(version: 4 | 6, address = '', port = ''): Endpoint | undefined {
  const isPort = /^(0|[1-9]\d{0,4})$/.test(port) && Number(port) <= 65_535;
  return isPort && isIP(address) === version ? { address, port: Number(port) } : undefined;
}
