import { connect } from 'node:net';
import { hydrateError, BadConnectionError, TimeoutError } from 'sc-protocol';
import type { ClusterStatus } from '../cluster-events.js';
import { controlSockets } from '../host/runtime-directory.js';
import { parseAnswer, type ControlRequest } from './control-frames.js';

/** A running cluster of this user on this host. */
export interface FoundCluster {
  /** Path of the control socket. */
  readonly path: string;
  /** The cluster's status. */
  readonly status: ClusterStatus;
}

/** A cluster whose supervisor listens but does not respond: it hangs or is stopped. */
export interface SilentCluster {
  /** Path of the control socket. */
  readonly path: string;
  /** Why there was no response. */
  readonly error: Error;
}

/** Options of a control request. */
export interface AskOptions {
  /** Time limit for the response, in milliseconds; 0 waits until the connection ends. */
  readonly deadlineMs: number;
}

const statusDeadlineMs = 3_000;

/** Finds all responding clusters of this user. With a path, only the cluster that listens there. */
export async function findClusters(controlPath?: string): Promise<FoundCluster[]> {
  return (await searchClusters(controlPath)).found;
}

/**
 * Finds all clusters of this user, including those that run but do not respond. With a path, only the cluster that
 * listens there.
 */
export async function searchClusters(
  controlPath?: string,
): Promise<{ readonly found: FoundCluster[]; readonly silent: SilentCluster[] }> {
  const found: FoundCluster[] = [];
  const silent: SilentCluster[] = [];
  const paths = controlPath === undefined ? controlSockets(process.env['SC_RUNTIME_DIRECTORY']) : [controlPath];
  await Promise.all(
    paths.map(async (path) => {
      try {
        const status = await askCluster(path, { command: 'status' }, { deadlineMs: statusDeadlineMs });
        found.push({ path, status: status as ClusterStatus });
      } catch (error) {
        // A killed cluster leaves its socket file behind, without a listener.
        const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
        const isGone = code === 'ECONNREFUSED' || code === 'ENOENT';
        if (!isGone) silent.push({ path, error: error as Error });
      }
    }),
  );
  return { found, silent };
}

/**
 * Sends a request to one cluster. Rejects with the cluster's error, `BadConnectionError` if it cannot be reached, or
 * `TimeoutError`.
 */
export function askCluster(
  path: string,
  request: ControlRequest | ControlRequest['command'],
  { deadlineMs }: AskOptions,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    const timer = deadlineMs === 0 ? undefined : setTimeout(onLate, deadlineMs);
    function onLate(): void {
      reject(new TimeoutError(`The cluster did not answer within ${deadlineMs} ms`));
      socket.destroy();
    }
    socket.setEncoding('utf8');
    socket.on('connect', () =>
      socket.write(`${JSON.stringify(typeof request === 'string' ? { command: request } : request)}\n`),
    );
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
