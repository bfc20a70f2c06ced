import { spawn } from 'node:child_process';
import type { Logger } from '../../log/logger.js';

/** States reported to a service manager. */
export type ServiceState = 'ready' | 'stopping';

const messages: Readonly<Record<ServiceState, readonly string[]>> = {
  ready: ['--ready'],
  stopping: ['STOPPING=1'],
};
const deadlineMs = 5_000;

/**
 * Tells systemd, when it started this process as a service of `Type=notify`, that the service is ready or ends. Node
 * has no datagrams over unix sockets, so systemd's own `systemd-notify` says it; the unit needs `NotifyAccess=all`.
 * Settles when it is said, or cannot be.
 */
export function notifyServiceManager(
  state: ServiceState,
  logger: Logger,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (env['NOTIFY_SOCKET'] === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', messages[state], { env, stdio: 'ignore', timeout: deadlineMs });
    const finish = (problem?: string) => {
      if (problem !== undefined) logger.warn(`Cannot notify systemd that the cluster is ${state}: ${problem}`);
      resolve();
    };
    child.on('error', (error) => finish(error.message));
    child.on('exit', (code, signal) =>
      finish(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal ?? 'nothing'}`),
    );
  });
}
