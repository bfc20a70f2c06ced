import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { publishCall } from '../src/commands/channels.js';
import { PendingCalls, type PendingCall } from '../src/client/link/pending-calls.js';

const timeoutMs = 60_000;

interface Given {
  readonly publisher?: string;
  readonly seq: number;
  readonly channel?: string;
  /** Milliseconds until its deadline. */
  readonly leftMs: number;
}

/** Adds a publication that waits for a store, and returns the call with its outcome. */
function give(calls: PendingCalls, { publisher = 'ada', seq, channel = 'room', leftMs }: Given) {
  const call = publishCall(channel, Buffer.from('1'), { publisher, seq }, publisher);
  let pending: PendingCall | undefined;
  const outcome = new Promise((resolve, reject) => {
    const deadlineAt = performance.now() + leftMs;
    const { name, decode } = call;
    pending = { id: calls.takeId(), name, decode, call, again: undefined, bytes: 1, deadlineAt, resolve, reject };
    calls.add(pending);
  });
  outcome.catch(() => undefined);
  return { pending: pending!, outcome };
}

describe('publications that wait for a store and keep their order', () => {
  it('are given up together: a later one does not overtake one that is sent again elsewhere', async () => {
    const calls = new PendingCalls({ timeoutMs, reason: () => undefined });
    const first = give(calls, { seq: 1, leftMs: 1 });
    const second = give(calls, { seq: 2, leftMs: timeoutMs });
    const otherChannel = give(calls, { seq: 1, channel: 'hall', leftMs: timeoutMs });
    const otherPublisher = give(calls, { publisher: 'grace', seq: 1, leftMs: timeoutMs });
    await expect(first.outcome).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(second.outcome).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: '"publish" was given up with an earlier one of its publisher, to keep their order',
      cause: { name: 'StoreUnavailableError' },
    });
    expect(calls.unsent()).toEqual([otherChannel.pending, otherPublisher.pending]);

    // One that comes afterwards waits as usual: the publisher knows that the earlier ones have failed.
    const third = give(calls, { seq: 3, leftMs: timeoutMs });
    expect(calls.unsent()).toContain(third.pending);
    calls.failAll(new Error('The test is over'));
  });

  it('are not sent again on another link behind one that had no answer in time', async () => {
    const calls = new PendingCalls({ timeoutMs, reason: () => undefined });
    const first = give(calls, { seq: 1, leftMs: 1 });
    const second = give(calls, { seq: 2, leftMs: timeoutMs });
    const other = give(calls, { publisher: 'grace', seq: 1, leftMs: timeoutMs });
    for (const { pending } of [first, second, other]) calls.sent(pending);
    await expect(first.outcome).rejects.toMatchObject({ name: 'TimeoutError' });
    calls.linkLost(new Error('The link was lost'));
    await expect(second.outcome).rejects.toThrow('The link was lost');
    expect(calls.unsent()).toEqual([other.pending]);
    calls.failAll(new Error('The test is over'));
  });
});
