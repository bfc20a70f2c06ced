import { describe, expect, it } from '@jest/globals';
import { LoadMonitor, type Load } from '../../../src/limits/load-monitor.js';
import { withServer, type LogLine } from '../support.js';

function monitor(limits: { maxLagMs: number; maxHeapPercent: number }) {
  const log: LogLine[] = [];
  const keep =
    (level: string) =>
    (message: string, details: object = {}) =>
      void log.push({ level, message, details: details as Record<string, unknown> });
  let load: Load = { lagMs: 0, heapShare: 0 };
  const one = new LoadMonitor({
    ...limits,
    logger: { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') },
    measure: () => ({ take: () => load, stop: () => undefined }),
  });
  const states = (lagMs: number, heapShare: number, times: number) => {
    load = { lagMs, heapShare };
    return Array.from({ length: times }, () => {
      one.check();
      return one.isOverloaded;
    });
  };
  return { one, log, states };
}

describe('an overloaded process', () => {
  it('is one whose event loop is late three times running, until it is clearly better twice', () => {
    const { one, log, states } = monitor({ maxLagMs: 200, maxHeapPercent: 0 });
    expect(states(201, 1, 2)).toEqual([false, false]);
    expect(states(200, 1, 1)).toEqual([false]);
    expect(states(201, 1, 3)).toEqual([false, false, true]);
    expect(states(190, 1, 3)).toEqual([true, true, true]);
    expect(states(160, 1, 2)).toEqual([true, false]);
    expect(log.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'Overloaded: new connections are refused'],
      ['info', 'New connections are accepted again'],
    ]);
    one.stop();
  });

  it('is one whose heap is nearly full', () => {
    const { one, states } = monitor({ maxLagMs: 0, maxHeapPercent: 85 });
    expect(states(10_000, 0.85, 3)).toEqual([false, false, false]);
    expect(states(0, 0.86, 3)).toEqual([false, false, true]);
    one.stop();
  });

  it(
    'refuses new connections with 503, and serves those it has',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        socket.handle('quick', () => 'here');
        const end = Date.now() + 15_000;
        while (server.scServer.stats().limitHits.loadShedding === 0 && Date.now() < end) {
          // A process that has no time for anything else.
          const busyUntil = Date.now() + 150;
          while (Date.now() < busyUntil);
          await server
            .open()
            .then((opened) => opened.terminate())
            .catch((error: unknown) => expect(error).toMatchObject({ statusCode: 503 }));
        }
        expect(server.scServer.stats().limitHits.loadShedding).toBe(1);
        expect(await raw.call('quick')).toMatchObject({ data: 'here' });
      },
      { maxEventLoopLag: 50 },
    ),
  );
});
