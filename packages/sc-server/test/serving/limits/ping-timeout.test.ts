import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { Heartbeat, type Beating } from '../../../src/socket/heartbeat.js';
import { withServer } from '../support.js';

describe('the silence of a client', () => {
  it(
    'may be pingTimeout; beyond it the socket is closed with 4001',
    withServer(
      async (server) => {
        const silent = await server.connect({ answersPings: false });
        const lively = await server.connect();
        expect(await silent.raw.closed).toEqual({ code: 4001, reason: 'Pong timeout' });
        expect(server.scServer.stats().limitHits.pingTimeout).toBe(1);
        expect(lively.socket.state).toBe('open');
      },
      { pingInterval: 100, pingTimeout: 300 },
    ),
  );

  it('is over in the tick in which pingTimeout is, not one earlier', async () => {
    // Sixteen ticks an interval, so forty for the time-out.
    const heartbeat = new Heartbeat(32, 80);
    const endedAfter: number[] = [];
    const silent = (): Beating => ({
      lastHeard: heartbeat.tick,
      isReadingPaused: false,
      beatSlot: undefined,
      ping: () => undefined,
      onSilent() {
        endedAfter.push(heartbeat.tick - this.lastHeard);
        heartbeat.remove(this);
      },
    });
    heartbeat.add(silent());
    await waitFor(() => heartbeat.tick > 3, { what: 'some ticks' });
    heartbeat.add(silent());
    await waitFor(() => endedAfter.length === 2, { what: 'both to be given up' });
    expect(endedAfter).toEqual([40, 40]);
    heartbeat.stop();
  });
});
