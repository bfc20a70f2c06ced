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
 * Notifies systemd that the service is ready or stopping, if systemd started this process as a service of
 * `Type=notify`. Node does not support datagram unix sockets, so this runs `systemd-notify`; the unit needs
 * `NotifyAccess=all`. Settles when the notification is sent or has failed.
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
