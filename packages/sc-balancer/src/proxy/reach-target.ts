import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { InvalidFrameError, ResourceLimitError, TimeoutError } from 'sc-protocol';
import { proxyAck, proxyFull } from '../proxy-header/proxy-header.js';
import type { ProxyTarget } from './options.js';

/** High water mark of the relayed streams. Reading pauses while this many bytes wait to be written. */
export const chunkBytes = 65_536;

/** Name of the limit that a target reports when it can accept no more connections. */
export const targetLimit = 'targetConnections';

export interface ReachRules {
  /** Time within which the target must accept the connection. */
  readonly timeoutMs: number;
  /** Bytes to send before the client's data. */
  readonly header: Buffer | undefined;
  /** Whether the target acknowledges the header. */
  readonly awaitsAck: boolean;
}

/**
 * Connects to a target and sends the header. Rejects if the target refuses or does not accept the connection in time;
 * the connection is then closed and no client data has been sent. With `awaitsAck` a connection is accepted when the
 * target acknowledges the header, otherwise when the kernel accepts it, which happens even for a stopped process.
 */
export function reachTarget(target: ProxyTarget, { timeoutMs, header, awaitsAck }: ReachRules): Promise<Socket> {
  const where =
    'socketPath' in target ? { path: target.socketPath } : { port: target.port, host: target.host ?? '127.0.0.1' };
  return new Promise((resolve, reject) => {
    // `connect` accepts `highWaterMark`, but its types lack the option.
    const options = { ...where, allowHalfOpen: true, noDelay: true, highWaterMark: chunkBytes };
    const connection = connect(options);
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      connection.on('error', () => undefined);
      connection.destroy();
      reject(error);
    };
    const deadline = setTimeout(
      () => fail(new TimeoutError(`Target "${target.id}" did not accept a connection within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const onEnd = (): void =>
      fail(new InvalidFrameError(`Target "${target.id}" closed a connection without accepting it`));
    const settle = (): void => {
      clearTimeout(deadline);
      connection.off('error', fail).off('end', onEnd).off('close', onEnd).off('readable', onReadable);
    };
    const onReadable = (): void => {
      const chunk = connection.read(1) as Buffer | null;
      if (chunk === null) return;
      settle();
      if (chunk[0] === proxyFull) {
        fail(new ResourceLimitError(`Target "${target.id}" can hold no more connections`, { limit: targetLimit }));
        return;
      }
      if (chunk[0] !== proxyAck) {
        fail(new InvalidFrameError(`Target "${target.id}" did not acknowledge a PROXY header`));
        return;
      }
      // Removing the `readable` listener takes effect on the next tick; only then can the stream be relayed.
      process.nextTick(resolve, connection);
    };
    connection.once('error', fail);
    connection.once('connect', () => {
      if (header !== undefined) connection.write(header);
      if (awaitsAck) {
        connection.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
        return;
      }
      settle();
      resolve(connection);
    });
  });
}
