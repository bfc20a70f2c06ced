import { InvalidActionError, ResourceLimitError } from 'sc-protocol';
import type { PoolMember } from 'sc-worker-pool';

/**
 * Sends a message to a process and ignores a failure because the process has just exited: its `exit` event follows, and
 * its replacement receives the current state.
 */
export function tell<Message>(member: Pick<PoolMember<Message>, 'send'>, message: Message): void {
  try {
    member.send(message);
  } catch (error) {
    // A process that does not read recovers soon or is replaced, and its replacement starts with the current state.
    if (!(error instanceof InvalidActionError || error instanceof ResourceLimitError)) throw error;
  }
}
