import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { InvalidArgumentsError, InvalidFrameError, TimeoutError } from 'sc-protocol';
import { parseProxyHeader, proxyPreludeBytes, proxyRestLength } from './proxy-header.js';
import type { ProxyInfo } from './proxy-header.js';

export interface ReadProxyHeaderOptions {
  /** A header that is not complete by then ends the connection, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
  /** Whether the peer may tell who the client is. A function is asked with the connection. @default true, which is right on a private unix socket */
  readonly trusted?: boolean | ((connection: Socket) => boolean);
}

/**
 * Reads the PROXY protocol version 2 header at the start of a fresh connection and nothing after it, then makes the
 * connection show the client's addresses, and `encrypted` when the client's side is TLS, so that it can be given to
 * any server with `server.emit('connection', connection)`.
 *
 * Rejects, and destroys the connection, with InvalidFrameError when the header is malformed, the peer is not trusted,
 * or the connection ends before; with TimeoutError when it is late.
 */
export async function readProxyHeader(connection: Socket, options: ReadProxyHeaderOptions = {}): Promise<ProxyInfo> {
  const { timeoutMs = 5_000, trusted = true } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw new InvalidArgumentsError(`\`timeoutMs\` must be a whole number from 1, got ${String(timeoutMs)}`);
  }
  const isTrusted = typeof trusted === 'function' ? trusted(connection) : trusted;
  try {
    if (!isTrusted) throw new InvalidFrameError('The peer may not send a PROXY header');
    const info = parseProxyHeader(await readHeader(connection, timeoutMs));
    if (info === undefined) throw new InvalidFrameError('The PROXY header is malformed');
    showClient(connection, info);
    return info;
  } catch (error) {
    // Errors of the connection itself have told us already what there is to know.
    connection.on('error', () => undefined);
    connection.destroy();
    throw error;
  }
}

function readHeader(connection: Socket, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let prelude: Buffer | undefined;
    const deadline = setTimeout(() => finish(new TimeoutError('The PROXY header did not come in time')), timeoutMs);

    function onReadable(): void {
      // Exactly as many bytes as the header has: the rest stays in the connection for whoever reads next.
      prelude ??= read(proxyPreludeBytes);
      if (prelude === undefined) return;
      const length = proxyRestLength(prelude);
      if (length === undefined) {
        finish(new InvalidFrameError('The connection does not start with a PROXY header'));
        return;
      }
      const rest = length === 0 ? Buffer.alloc(0) : read(length);
      if (rest !== undefined) finish(Buffer.concat([prelude, rest]));
    }
    function read(size: number): Buffer | undefined {
      const bytes = connection.read(size) as Buffer | null;
      // At its end a stream gives what is left, however little.
      return bytes?.length === size ? bytes : undefined;
    }
    function onGone(): void {
      finish(new InvalidFrameError('The connection ended before its PROXY header'));
    }
    function finish(result: Buffer | Error): void {
      clearTimeout(deadline);
      connection.off('readable', onReadable).off('end', onGone).off('close', onGone).off('error', onGone);
      if (result instanceof Error) {
        reject(result);
        return;
      }
      // The stream leaves its paused reading on the next tick; only then may a server take it.
      process.nextTick(resolve, result);
    }
    connection.on('readable', onReadable).on('end', onGone).on('close', onGone).on('error', onGone);
    if (connection.destroyed) onGone();
  });
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
  if (tls !== undefined) show(connection, 'encrypted', true);
}

/** An own property in front of the getter that asks the kernel. */
function show(connection: Socket, name: string, value: unknown): void {
  Object.defineProperty(connection, name, { value, configurable: true, enumerable: true, writable: true });
}
