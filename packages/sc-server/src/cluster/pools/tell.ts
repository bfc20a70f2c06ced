import { InvalidActionError, ResourceLimitError } from 'sc-protocol';
import type { PoolMember } from 'sc-worker-pool';

/**
 * Sends a message that a process which has just died need not get: its exit is on the way, and the process that takes its
 * place is told everything anew.
 */
export function tell<Message>(member: Pick<PoolMember<Message>, 'send'>, message: Message): void {
  try {
    member.send(message);
  } catch (error) {
    // A process that does not read is either well again soon or replaced, and the next one starts with the present state.
    if (!(error instanceof InvalidActionError || error instanceof ResourceLimitError)) throw error;
  }
}
