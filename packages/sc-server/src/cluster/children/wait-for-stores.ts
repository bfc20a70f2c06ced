import type { ShardStatus, Store } from 'ndata-store';
import { StartError } from 'sc-protocol';
import type { Logger } from '../../log/logger.js';

export interface WaitSetting {
  readonly waitMs: number;
  /** Whether to continue after `waitMs` without the stores that cannot be reached. */
  readonly mayLack: boolean;
  readonly logger: Logger;
}

const checkIntervalMs = 20;

/**
 * Resolves when every store is connected. Throws `StartError`, which names the stores and the reasons, on timeout, and
 * at once if a store rejects this process, for example because of a wrong secret.
 */
export async function waitForStores(store: Store, { waitMs, mayLack, logger }: WaitSetting): Promise<void> {
  const away = () => store.status().filter(({ state }) => state !== 'ready');
  const endsAt = performance.now() + waitMs;
  while (away().length > 0) {
    const refused = away().filter(({ state }) => state === 'closed');
    const isLate = performance.now() > endsAt;
    if (refused.length > 0 || (isLate && !mayLack)) {
      throw new StartError(describe(refused.length > 0 ? refused : away(), isLate ? waitMs : undefined));
    }
    if (isLate) {
      logger.warn(`${describe(away(), waitMs)}; the worker serves without them, and reconnects`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, checkIntervalMs));
  }
}

function describe(stores: readonly ShardStatus[], waitMs: number | undefined): string {
  const names = stores.map(({ name, lastError }) =>
    lastError === undefined ? name : `${name} (${lastError.message})`,
  );
  const when = waitMs === undefined ? '' : ` within ${waitMs} ms`;
  return `Stores cannot be reached${when}: ${names.join(', ')}`;
}
