import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { InvalidFrameError, ResourceLimitError, TimeoutError } from 'sc-protocol';
import { proxyAck, proxyFull } from '../proxy-header/proxy-header.js';
import type { ProxyTarget } from './options.js';

/** How much is read and written at once. */
export const chunkBytes = 65_536;

/** Name of the limit that a target has reached which can hold no more connections. */
export const targetLimit = 'targetConnections';

export interface ReachRules {
  /** By when the target must have taken the connection. */
  readonly timeoutMs: number;
  /** Bytes to send first. */
  readonly header: Buffer | undefined;
  /** Whether the target acknowledges the header. */
  readonly awaitsAck: boolean;
}

/**
 * Connects to a target and sends it the header. Rejects when it refuses, or does not take the connection in time; then
 * nothing stays open, and nothing of the client has been sent. A connection counts as taken when the target has
 * acknowledged the header, or else when the kernel has accepted it, which it also does for a process that has stopped.
 */
export function reachTarget(target: ProxyTarget, { timeoutMs, header, awaitsAck }: ReachRules): Promise<Socket> {
  const where =
    'socketPath' in target ? { path: target.socketPath } : { port: target.port, host: target.host ?? '127.0.0.1' };
  return new Promise((resolve, reject) => {
    // Every stream takes a high water mark; the types know it of servers only.
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
      // The stream leaves its paused reading on the next tick; only then may it be relayed.
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
