import { describe, expect, it } from '@jest/globals';
import { settled, withCleanup } from '../support.js';
import { received, startWithHistory, subscribe } from './support.js';

const publisher = 'a secret of 22 letters';

describe('a client that numbers what it publishes', () => {
  it(
    'may publish the same again on another connection: it is published once, and acked with the same position',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup);
      const reader = await server.positioned();
      const { epoch } = await subscribe(reader, 'room/1');
      const first = await server.positioned({ publisher });
      const frame = { channel: 'room/1', data: 'a', seq: 1 };
      const position = { epoch, offset: 1 };
      expect(await first.call('#publish', frame)).toEqual({ rid: 2, position });
      first.terminate();
      const second = await server.positioned({ publisher });
      expect(await second.call('#publish', frame)).toEqual({ rid: 2, position, duplicate: true });
      expect(await second.call('#publish', { ...frame, data: 'b', seq: 2 })).toMatchObject({ position: { offset: 2 } });
      const other = await server.positioned({ publisher: 'another secret' });
      expect(await other.call('#publish', { ...frame, data: 'c' })).toMatchObject({ position: { offset: 3 } });
      expect(await other.call('#publish', { channel: 'room/1', data: 'd', id: 'x' })).not.toHaveProperty('duplicate');
      expect(await other.call('#publish', { channel: 'room/1', data: 'd', id: 'x' })).toHaveProperty('duplicate', true);
      await settled(reader);
      expect(received(reader, 'room/1').map(([data]) => data)).toEqual(['a', 'b', 'c', 'd']);
    }),
  );

  it(
    'is refused with SC_TOO_LATE when the store no longer knows, and uses no number up when middleware refuses',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup);
      server.scServer.addMiddleware('publishIn', ({ data }) => {
        if (data === 'bad') throw new Error('Bad');
      });
      const raw = await server.positioned({ publisher });
      const publish = (data: string, seq: number) => raw.call('#publish', { channel: 'room/1', data, seq });
      expect((await publish('bad', 1)).error).toMatchObject({ code: 'SC_BLOCKED' });
      expect(await publish('good', 1)).toMatchObject({ position: { offset: 1 } });
      await publish('good', 1000);
      expect((await publish('good', 2)).error).toMatchObject({ code: 'SC_TOO_LATE', isUnknown: true });
    }),
  );

  it(
    'shares the work with jobs of the server that name their publications',
    withCleanup(async (cleanup) => {
      const server = await startWithHistory(cleanup);
      const { exchange } = server.scServer;
      const { epoch } = await exchange.position('room/1');
      const position = { epoch, offset: 1 };
      expect(await exchange.publish('room/1', 17, { id: 'order-17' })).toEqual(position);
      expect(await exchange.publish('room/1', 17, { id: 'order-17' })).toEqual({ ...position, duplicate: true });
      // An id of a client is another one.
      const raw = await server.positioned({ publisher });
      await raw.call('#publish', { channel: 'room/1', data: 18, id: 'order-17' });
      expect((await exchange.history('room/1')).publications.map(({ data }) => data)).toEqual([17, 18]);
      expect(await exchange.publish('room/1', 19)).toEqual({ epoch, offset: 3 });
      expect(await exchange.channel('room/1').publish(20)).toEqual({ epoch, offset: 4 });
      expect(await exchange.publish('unkept', 1)).toBeUndefined();
      const answered = await new Promise((resolve) => {
        void exchange.publish('room/1', 21, (_error, answer) => resolve(answer));
      });
      expect(answered).toEqual({ epoch, offset: 5 });
      await expect(exchange.publish('room/1', 1, { id: '' })).rejects.toThrow(
        'The `id` of a publication must be text of 1 to 64 characters, got ""',
      );
    }),
  );
});
