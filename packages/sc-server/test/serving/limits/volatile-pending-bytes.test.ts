import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

// ../delivery/volatile.test.ts covers which publications a slow client receives.
describe('the bytes that wait for one client', () => {
  it(
    'may be maxVolatilePendingBytes; with one more what is volatile is dropped and counted',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const empty = 2 + JSON.stringify({ event: 'n', data: '' }).length;
        socket.emit('n', 'x'.repeat(100 - empty));
        expect(socket.pendingBytes).toBe(100);
        socket.emit('kept', 1, { volatile: true });
        expect(socket.pendingBytes).toBeGreaterThan(100);
        socket.emit('dropped', 1, { volatile: true });
        await raw.call('#unsubscribe', 'x');
        const events = raw.frames.flatMap(({ event }) => event ?? []);
        expect(events).toEqual(['n', 'kept']);
        expect(server.scServer.stats().limitHits.volatilePendingBytes).toBe(1);
      },
      { maxVolatilePendingBytes: 100 },
    ),
  );
});
