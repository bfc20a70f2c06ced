import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Number of header lines that Node keeps of a request unless `maxHeadersCount` is set. */
const defaultHeadersCount = 2_000;

/**
 * Serves an unhandled upgrade as an ordinary request: a server may ignore the offer of another protocol (RFC 9110
 * §7.8). Node has detached the connection by then, so the request is put back in front of the remaining bytes, without
 * its upgrade headers, and the HTTP server reads the connection again, with its own handling of body, limits, timeouts
 * and later requests. `head` is the data received after the request. The option `shouldUpgradeCallback` of newer
 * versions of Node is no substitute: without an upgrade, Node loses requests pipelined behind such a request.
 */
export function serveAsRequest(httpServer: HttpServer, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const { rawHeaders, method, url, httpVersion } = request;
  const most = httpServer.maxHeadersCount ?? defaultHeadersCount;
  // Node may have dropped lines beyond the limit, including those that determine the length of the body.
  if (most > 0 && rawHeaders.length >= most * 2) {
    refuseUpgrade(stream, 431);
    return;
  }
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = name.toLowerCase() === 'connection' ? withoutUpgrade(rawHeaders[i + 1]) : rawHeaders[i + 1];
    if (value !== undefined) text += `${name}: ${value}\r\n`;
  }
  // Node decodes headers as Latin-1.
  stream.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  httpServer.emit(httpServer instanceof TlsServer ? 'secureConnection' : 'connection', stream);
}

/** The options of a `Connection` header except `upgrade`; `undefined` if none remain. */
function withoutUpgrade(value: string | undefined): string | undefined {
  const options = (value ?? '').split(',').map((option) => option.trim());
  const left = options.filter((option) => option !== '' && option.toLowerCase() !== 'upgrade');
  return left.length === 0 ? undefined : left.join(', ');
}
