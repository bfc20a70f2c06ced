import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Time limit for the client to receive the response. */
const answerTimeoutMs = 2_000;

/** Rejects an upgrade with a plain-text HTTP error and closes the connection. */
export function refuseUpgrade(
  stream: Duplex,
  status: number,
  reason = STATUS_CODES[status] ?? '',
  headers: readonly string[] = [],
): void {
  if (stream.destroyed) return;
  const body = Buffer.from(reason);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    ...headers,
  ].join('\r\n');
  const timer = setTimeout(() => stream.destroy(), answerTimeoutMs);
  stream.once('close', () => clearTimeout(timer));
  stream.once('finish', () => stream.destroy());
  stream.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
}
