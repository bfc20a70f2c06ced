import { connect } from 'node:net';
import { hydrateError, BadConnectionError, TimeoutError } from 'sc-protocol';
import type { ClusterStatus } from '../cluster-events.js';
import { controlSockets } from '../host/runtime-directory.js';
import { parseAnswer, type ControlRequest } from './control-frames.js';

/** A cluster that runs on this host, of this user. */
export interface FoundCluster {
  /** Path of the control socket. */
  readonly path: string;
  /** The cluster's status. */
  readonly status: ClusterStatus;
}

/** A cluster whose supervisor listens, and does not answer: it hangs, or is stopped. */
export interface SilentCluster {
  /** Path of the control socket. */
  readonly path: string;
  /** Cause of the missing answer. */
  readonly error: Error;
}

/** Options of a control request. */
export interface AskOptions {
  /** How long the answer may take, in milliseconds; 0 waits for as long as the connection lasts. */
  readonly deadlineMs: number;
}

const statusDeadlineMs = 3_000;

/** Every cluster of this user that answers. With a path, the cluster that listens there. */
export async function findClusters(controlPath?: string): Promise<FoundCluster[]> {
  return (await searchClusters(controlPath)).found;
}

/** Every cluster of this user, and those that run and do not answer. With a path, the cluster that listens there. */
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
        // A cluster that was killed leaves its socket behind, on which no process listens.
        const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
        const isGone = code === 'ECONNREFUSED' || code === 'ENOENT';
        if (!isGone) silent.push({ path, error: error as Error });
      }
    }),
  );
  return { found, silent };
}

/** Asks one cluster. Rejects with what it refused, with `BadConnectionError` when it cannot be reached, or `TimeoutError`. */
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
