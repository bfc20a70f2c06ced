import { createEntryLogger } from '../../log/central-log.js';
import { isLogged, type LogEntry, type LogThreshold, type Origin } from '../../log/entry.js';
import type { Logger } from '../../log/logger.js';

/** The logger of a child process. The supervisor writes its entries. */
export interface ProcessLog {
  readonly logger: Logger;
  readonly setLevel: (level: LogThreshold) => void;
}

/** Maximum number of pending messages to the supervisor; beyond it, entries are dropped. */
const maxPending = 1_000;

/**
 * Creates the logger of a child process. Entries below the level are not sent. Entries are dropped and counted while
 * too many messages to the supervisor are pending, or if it has exited.
 */
export function createProcessLog(
  { role, id }: Pick<Origin, 'role'> & { readonly id: number },
  level: LogThreshold,
  member: { readonly pending: number; readonly send: (message: { type: 'log'; entry: LogEntry }) => void },
): ProcessLog {
  let threshold = level;
  let dropped = 0;
  const origin = { role, id, pid: process.pid };
  const send = (entry: LogEntry) => {
    if (member.pending >= maxPending || !process.connected) {
      dropped += 1;
      return;
    }
    if (dropped > 0) {
      const message = `${dropped} log entries of this process were dropped: the supervisor did not read`;
      member.send({ type: 'log', entry: { time: Date.now(), level: 'warn', origin, message, details: { dropped } } });
      dropped = 0;
    }
    member.send({ type: 'log', entry });
  };
  return {
    logger: createEntryLogger(origin, send, (one) => isLogged(one, threshold)),
    setLevel(given) {
      threshold = given;
    },
  };
}
