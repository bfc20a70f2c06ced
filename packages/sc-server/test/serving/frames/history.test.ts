import { describe, expect, it } from '@jest/globals';
import { settled, withCleanup, withServer } from '../support.js';
import { startWithHistory, subscribe } from '../history/support.js';

describe('the frame #history', () => {
  it(
    'is refused for a channel that the client is not subscribed to',
    withServer(async (server) => {
      const { raw } = await server.connect();
      expect((await raw.call('#history', { channel: 'x' })).error).toMatchObject({ code: 'SC_INVALID_ACTION' });
    }),
  );

  it(
    'gets no answer without a call id',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.emit('#history', { channel: 'x' });
      await settled(raw);
      expect(raw.frames.filter(({ rid }) => rid !== undefined)).toHaveLength(2);
    }),
  );

  it(
    'reads the newest, what follows a position, and what lies before one',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup);
      for (let n = 1; n <= 10; n++) await server.store.publish('room/1', n);
      const raw = await server.positioned();
      const { epoch } = await subscribe(raw, 'room/1');
      const read = async (query: object): Promise<unknown> => {
        const { data } = await raw.call('#history', { channel: 'room/1', ...query });
        const { publications, ...page } = data as { publications: [number, number, unknown][] };
        for (const [, at] of publications) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
        return { ...page, offsets: publications.map(([offset, , value]) => (offset === value ? offset : NaN)) };
      };
      const whole = { epoch, top: 10, recovered: true };
      expect(await read({ limit: 3 })).toEqual({ ...whole, hasMore: true, offsets: [8, 9, 10] });
      expect(await read({})).toEqual({ ...whole, hasMore: false, offsets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
      const since = { epoch, offset: 4 };
      expect(await read({ since, limit: 2 })).toEqual({ ...whole, hasMore: true, offsets: [5, 6] });
      expect(await read({ since })).toEqual({ ...whole, hasMore: false, offsets: [5, 6, 7, 8, 9, 10] });
      expect(await read({ before: since, limit: 2 })).toEqual({ ...whole, hasMore: true, offsets: [2, 3] });
      expect(await read({ before: since })).toEqual({ ...whole, hasMore: false, offsets: [1, 2, 3] });
      expect(await read({ before: { epoch, offset: 1 } })).toEqual({ ...whole, hasMore: false, offsets: [] });
      const lost = { epoch, top: 10, recovered: false, reason: 'epoch', hasMore: false };
      expect(await read({ since: { epoch: 'another.1', offset: 4 } })).toMatchObject({ ...lost });
      expect(await read({ before: { epoch: 'another.1', offset: 4 } })).toEqual({ ...lost, offsets: [] });
    }),
  );

  it(
    'passes the line "subscribe", which sees what is read',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup);
      const seen: unknown[] = [];
      server.scServer.addMiddleware('subscribe', ({ history }) => {
        if (history !== undefined) seen.push(history);
        if (history?.before !== undefined) throw new Error('Only the newest');
      });
      const raw = await server.positioned();
      const { epoch } = await subscribe(raw, 'room/1');
      expect((await raw.call('#history', { channel: 'room/1' })).error).toBeUndefined();
      const { error } = await raw.call('#history', { channel: 'room/1', before: { epoch, offset: 1 }, limit: 5 });
      expect(error).toMatchObject({ code: 'SC_BLOCKED', message: 'Only the newest' });
      expect(seen).toEqual([{ limit: 100 }, { before: { epoch, offset: 1 }, limit: 5 }]);
    }),
  );
});
