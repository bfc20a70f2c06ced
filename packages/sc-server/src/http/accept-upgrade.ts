import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from './refuse-upgrade.js';

/** GUID for the accept key (RFC 6455 §1.3). */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Sixteen bytes in base64. */
const keyPattern = /^[+/0-9A-Za-z]{22}==$/;
/** A token of RFC 9110 §5.6.2. */
const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export interface UpgradeAnswer {
  /** Selects one of the offered subprotocols, '' for none. */
  chooseSubprotocol(offered: ReadonlySet<string>): string;
  /** Additional header lines for the response. */
  headersOf(request: IncomingMessage): readonly string[];
  /** Called for an upgrade that violates a rule. */
  onRefused(request: IncomingMessage, status: number, reason: string): void;
}

/**
 * Answers an upgrade according to RFC 6455 §4.2: with 101, returning the subprotocol ('' for none), or with an error,
 * returning `undefined`. Data that the client sent after its request is put back into the stream.
 */
export function acceptUpgrade(
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  answer: UpgradeAnswer,
): string | undefined {
  const { headers } = request;
  const offered = readSubprotocols(headers['sec-websocket-protocol']);
  const problem = problemOf(request);
  if (problem !== undefined || offered === undefined) {
    const { status, reason, header } = problem ?? { status: 400, reason: 'Invalid Sec-WebSocket-Protocol header' };
    refuseUpgrade(stream, status, reason, header === undefined ? [] : [header]);
    answer.onRefused(request, status, reason);
    return undefined;
  }
  // The client may have disconnected while the middleware ran.
  if (!stream.readable || !stream.writable) {
    stream.destroy();
    return undefined;
  }
  const subprotocol = answer.chooseSubprotocol(offered);
  const accept = hash('sha1', `${headers['sec-websocket-key']}${acceptSuffix}`, 'base64');
  let text = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
  if (subprotocol !== '') text += `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  for (const line of answer.headersOf(request)) text += `${line}\r\n`;
  // The idle timeout of HTTP connections does not apply to a WebSocket, which has its own heartbeat.
  if (stream instanceof Socket) stream.setTimeout(0).setNoDelay(true);
  stream.write(`${text}\r\n`, 'latin1');
  if (head.length > 0) stream.unshift(head);
  return subprotocol;
}

const nothingOffered: ReadonlySet<string> = new Set();

/** The offered names; `undefined` if the header is malformed or contains duplicates. */
function readSubprotocols(header: string | undefined): ReadonlySet<string> | undefined {
  if (header === undefined) return nothingOffered;
  const names = header.split(',').map((name) => name.trim());
  const offered = new Set(names);
  return offered.size === names.length && names.every((name) => tokenPattern.test(name)) ? offered : undefined;
}

interface Problem {
  readonly status: number;
  readonly reason: string;
  readonly header?: string;
}

function problemOf({ method, headers }: IncomingMessage): Problem | undefined {
  if (method !== 'GET') return { status: 405, reason: 'Invalid HTTP method', header: 'Allow: GET' };
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, reason: 'Invalid Upgrade header' };
  if (!keyPattern.test(headers['sec-websocket-key'] ?? ''))
    return { status: 400, reason: 'Missing or invalid Sec-WebSocket-Key header' };
  const version = headers['sec-websocket-version'];
  if (version !== '13' && version !== '8') {
    const reason = 'Missing or invalid Sec-WebSocket-Version header';
    return { status: 426, reason, header: 'Sec-WebSocket-Version: 13, 8' };
  }
  return undefined;
}
