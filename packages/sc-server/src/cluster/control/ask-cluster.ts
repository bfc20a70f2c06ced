import { connect } from 'node:net';
import { hydrateError, BadConnectionError, TimeoutError } from 'sc-protocol';
import type { ClusterStatus } from '../cluster-events.js';
import { controlSockets } from '../host/runtime-directory.js';
import { parseAnswer, type ControlCommand } from './control-frames.js';

/** A cluster that runs on this host, of this user. */
export interface FoundCluster {
  readonly path: string;
  readonly status: ClusterStatus;
}

export interface AskOptions {
  /** How long the answer may take, in milliseconds; 0 waits for as long as the connection lasts. */
  readonly deadlineMs: number;
}

const statusDeadlineMs = 3_000;

/** Every cluster of this user that answers. */
export async function findClusters(): Promise<FoundCluster[]> {
  const found = await Promise.all(
    controlSockets().map(async (path) => {
      try {
        const status = (await askCluster(path, 'status', { deadlineMs: statusDeadlineMs })) as ClusterStatus;
        return [{ path, status }];
      } catch {
        return []; // It has ended, and left its socket behind.
      }
    }),
  );
  return found.flat();
}

/** Asks one cluster. Rejects with what it refused, with `BadConnectionError` when it cannot be reached, or `TimeoutError`. */
export function askCluster(path: string, command: ControlCommand, { deadlineMs }: AskOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    const timer = deadlineMs === 0 ? undefined : setTimeout(onLate, deadlineMs);
    function onLate(): void {
      reject(new TimeoutError(`The cluster did not answer within ${deadlineMs} ms`));
      socket.destroy();
    }
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', (cause) =>
      reject(new BadConnectionError('The cluster cannot be reached', undefined, { cause })),
    );
    socket.on('close', () => {
      clearTimeout(timer);
      const answer = parseAnswer(text);
      if (answer === undefined) reject(new BadConnectionError('The cluster ended the connection without an answer'));
      else if ('error' in answer) reject(hydrateError(answer.error));
      else resolve(answer.result);
    });
  });
}
