import type { Socket } from 'node:net';
import { InvalidFrameError, TimeoutError } from 'sc-protocol';
import { parseProxyHeaderV1, maxV1Bytes } from './proxy-header-v1.js';
import { parseProxyHeader, proxyPreludeBytes, proxyRestLength } from './proxy-header.js';
import type { ProxyInfo } from './proxy-header.js';

const lineFeed = 0x0a;
/** "P" of "PROXY", the first byte of version 1. */
const firstOfV1 = 0x50;

/**
 * Reads exactly the bytes of a PROXY header from a stream; all later bytes stay in the stream. Rejects if the header is
 * malformed or late, or if the stream ends before the header is complete.
 */
export function takeProxyHeader(
  connection: Socket,
  { timeoutMs, acceptsV1 }: { readonly timeoutMs: number; readonly acceptsV1: boolean },
): Promise<ProxyInfo> {
  return new Promise((resolve, reject) => {
    const collected: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(() => finish(new TimeoutError('The PROXY header did not come in time')), timeoutMs);

    /** Reads until `bytes` bytes are buffered. Returns false if they have not arrived yet. */
    function collect(bytes: number): boolean {
      if (size >= bytes) return true;
      const chunk = connection.read(bytes - size) as Buffer | null;
      if (chunk === null) return false;
      collected.push(chunk);
      size += chunk.length;
      // At the end of a stream, `read(size)` returns the remaining bytes even if there are fewer.
      return size >= bytes;
    }

    function onReadable(): void {
      if (!collect(1)) return;
      const isV1 = acceptsV1 && collected[0]?.[0] === firstOfV1;
      const header = isV1 ? readLine() : readBinary();
      if (header === undefined) return;
      if (header === 'malformed') {
        finish(new InvalidFrameError('The connection does not start with a PROXY header'));
        return;
      }
      const info = isV1 ? parseProxyHeaderV1(header) : parseProxyHeader(header);
      finish(info ?? new InvalidFrameError('The PROXY header is malformed'));
    }

    function readLine(): Buffer | 'malformed' | undefined {
      while (collected.at(-1)?.at(-1) !== lineFeed) {
        if (size >= maxV1Bytes) return 'malformed';
        if (!collect(size + 1)) return undefined;
      }
      return Buffer.concat(collected);
    }

    function readBinary(): Buffer | 'malformed' | undefined {
      if (!collect(proxyPreludeBytes)) return undefined;
      const rest = proxyRestLength(Buffer.concat(collected));
      if (rest === undefined) return 'malformed';
      return collect(proxyPreludeBytes + rest) ? Buffer.concat(collected) : undefined;
    }

    function onGone(): void {
      finish(new InvalidFrameError('The connection ended before its PROXY header'));
    }

    function finish(result: ProxyInfo | Error): void {
      clearTimeout(deadline);
      connection.off('readable', onReadable).off('end', onGone).off('close', onGone).off('error', onGone);
      if (result instanceof Error) {
        reject(result);
        return;
      }
      // Removing the `readable` listener takes effect on the next tick; only then can a server read the stream.
      process.nextTick(resolve, result);
    }

    connection.on('readable', onReadable).on('end', onGone).on('close', onGone).on('error', onGone);
    if (connection.destroyed) onGone();
  });
}
