import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

/** An event whose frame has exactly this many bytes. */
function eventOf(bytes: number): [string, string] {
  const empty = 4 + JSON.stringify({ event: 'n', data: '' }).length;
  return ['n', 'x'.repeat(bytes - empty)];
}

// ../delivery/backpressure.test.ts covers clients that stop reading.
describe('the bytes that wait for one client', () => {
  it(
    'may be maxPendingBytes; one more closes with 4011',
    withServer(
      async (server) => {
        const [within, beyond] = [await server.connect(), await server.connect()];
        for (const { socket } of [within, beyond]) {
          socket.emit(...eventOf(1000));
          socket.emit(...eventOf(999));
          expect(socket.pendingBytes).toBe(1999);
        }
        // All within one turn, so nothing has left yet.
        beyond.socket.emit(...eventOf(1001));
        within.socket.emit(...eventOf(1000));
        expect(await beyond.raw.closed).toEqual({ code: 4011, reason: 'Slow consumer' });
        expect(beyond.raw.frames.filter(({ event }) => event === 'n')).toEqual([]);
        await within.raw.call('#unsubscribe', 'x');
        expect(within.raw.frames.filter(({ event }) => event === 'n')).toHaveLength(3);
        expect(server.scServer.stats().limitHits.pendingBytes).toBe(1);
      },
      { maxPendingBytes: 2999 },
    ),
  );
});
