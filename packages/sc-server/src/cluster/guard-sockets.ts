import type { Logger } from '../log/logger.js';
import type { ControlServer } from './control/control-server.js';
import type { RuntimeDirectory } from './host/runtime-directory.js';
import type { Pools } from './pools/pools.js';
import { tell } from './pools/tell.js';

/**
 * Removes files left behind by killed clusters. If a socket file of the running cluster is removed, for example by a
 * cleaner of temporary files, makes its process listen again.
 */
export function guardSockets(
  directory: RuntimeDirectory,
  control: ControlServer,
  { workers, stores }: Pools,
  logger: Logger,
): void {
  void directory.removeLeftovers();
  directory.guard(() => {
    control.restore().catch((error: unknown) => logger.error('The control socket cannot be restored', { error }));
    for (const pool of [workers, stores]) {
      for (const member of pool.members) if (member.state === 'ready') tell(member, { type: 'restore-socket' });
    }
  });
}
