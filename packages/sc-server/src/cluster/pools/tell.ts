import { InvalidActionError } from 'sc-protocol';
import type { PoolMember } from 'sc-worker-pool';

/**
 * Sends a message that a process which has just died need not get: its exit is on the way, and the process that takes its
 * place is told everything anew.
 */
export function tell<Message>(member: PoolMember<Message>, message: Message): void {
  try {
    member.send(message);
  } catch (error) {
    if (!(error instanceof InvalidActionError)) throw error;
  }
}
