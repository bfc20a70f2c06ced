import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may take to take the answer. */
const answerTimeoutMs = 2_000;

/** Answers an upgrade with an HTTP error instead, as plain text, and ends the connection. */
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
