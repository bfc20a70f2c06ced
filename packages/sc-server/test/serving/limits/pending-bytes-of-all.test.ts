import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { Backlog } from '../../../src/websocket/backlog.js';

/** A client for whom so many bytes wait; counts how often it was looked at. */
function slow(bytes: number) {
  return {
    bytes,
    looks: 0,
    isDropped: false,
    get pendingBytes() {
      this.looks += 1;
      return this.bytes;
    },
    dropAsSlowest() {
      this.isDropped = true;
    },
  };
}

// That the socket is closed with 4011, and counted, is in ../delivery/backpressure.test.ts.
describe('the bytes that wait for all clients together', () => {
  it('may be maxPendingBytesOfAll; with one more the slowest go, as many as it takes', async () => {
    const backlog = new Backlog(1000);
    const [small, middle, big] = [slow(200), slow(300), slow(500)];
    for (const one of [small, middle, big]) backlog.add(one);
    await waitFor(() => big.looks >= 2, { what: 'two looks at exactly as much as may wait' });
    expect([small, middle, big].map(({ isDropped }) => isDropped)).toEqual([false, false, false]);
    small.bytes += 1;
    await waitFor(() => big.isDropped, { what: 'the slowest to go' });
    expect([small.isDropped, middle.isDropped]).toEqual([false, false]);
    const [one, other] = [slow(900), slow(800)];
    backlog.add(one);
    backlog.add(other);
    await waitFor(() => other.isDropped, { what: 'the two slowest to go' });
    expect([one, small, middle].map(({ isDropped }) => isDropped)).toEqual([true, false, false]);
    backlog.stop();
  });
});
