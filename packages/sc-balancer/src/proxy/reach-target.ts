import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { TimeoutError } from 'sc-protocol';
import type { ProxyTarget } from './options.js';

/** How much is read and written at once. */
export const chunkBytes = 65_536;

/** Connects to a target. Rejects when it refuses or does not answer in time; then nothing stays open. */
export function reachTarget(target: ProxyTarget, timeoutMs: number): Promise<Socket> {
  const where =
    'socketPath' in target ? { path: target.socketPath } : { port: target.port, host: target.host ?? '127.0.0.1' };
  return new Promise((resolve, reject) => {
    // Every stream takes a high water mark; the types know it of servers only.
    const options = { ...where, allowHalfOpen: true, noDelay: true, highWaterMark: chunkBytes };
    const connection = connect(options);
    const deadline = setTimeout(
      () => connection.destroy(new TimeoutError(`Target "${target.id}" did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const onError = (error: Error): void => {
      clearTimeout(deadline);
      reject(error);
    };
    connection.once('error', onError);
    connection.once('connect', () => {
      clearTimeout(deadline);
      connection.off('error', onError);
      resolve(connection);
    });
  });
}
