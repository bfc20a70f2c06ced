import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('a call of the server to a client', () => {
  it(
    'ends with the client’s answer: invoke as a promise, emit with a callback',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const invoked = socket.invoke('question', { n: 1 });
      const emitted = new Promise((resolve) => socket.emit('question', 2, (...outcome) => resolve(outcome)));
      for (const expected of [{ n: 1 }, 2]) {
        const { data, cid } = await raw.next(({ event }) => event === 'question');
        expect(data).toEqual(expected);
        raw.sendFrame({ rid: cid, data: ['answer to', data] });
      }
      expect(await invoked).toEqual(['answer to', { n: 1 }]);
      expect(await emitted).toEqual([null, ['answer to', 2]]);
    }),
  );

  it(
    'ends with the client’s error',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const invoked = socket.invoke('question');
      const { cid } = await raw.next(({ event }) => event === 'question');
      raw.sendFrame({ rid: cid, error: { name: 'NotNowError', message: 'Busy', code: 'BUSY' } });
      await expect(invoked).rejects.toMatchObject({ name: 'NotNowError', message: 'Busy', code: 'BUSY' });
    }),
  );

  it(
    'ends with TimeoutError when no answer comes, by ackTimeout or its own time-out',
    withServer(
      async (server) => {
        const { socket } = await server.connect();
        await expect(socket.invoke('question')).rejects.toMatchObject({
          name: 'TimeoutError',
          message: 'No answer to "question" within 40 ms',
        });
        await expect(socket.invoke('question', 1, { timeoutMs: 20 })).rejects.toThrow('within 20 ms');
        await expect(socket.invoke('question', 1, { timeoutMs: NaN })).rejects.toThrow(
          '`timeoutMs` must be above 0, got NaN',
        );
      },
      { ackTimeout: 40 },
    ),
  );

  it(
    'ends with AbortedError when its signal fires, before or after it was made',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const controller = new AbortController();
      const invoked = socket.invoke('question', 1, { signal: controller.signal });
      const { cid } = await raw.next(({ event }) => event === 'question');
      controller.abort(new Error('changed my mind'));
      await expect(invoked).rejects.toMatchObject({ name: 'AbortedError', cause: new Error('changed my mind') });
      await expect(socket.invoke('question', 1, { signal: controller.signal })).rejects.toMatchObject({
        name: 'AbortedError',
      });
      raw.sendFrame({ rid: cid, data: 'too late' });
      expect(await raw.call('#unsubscribe', 'x')).toEqual({ rid: 2 });
    }),
  );

  it(
    'ends with BadConnectionError when the client goes, and at once when it has gone',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const lost = socket.invoke('question').catch((error: unknown) => error);
      await raw.close(4123);
      expect(await lost).toMatchObject({ name: 'BadConnectionError', closeCode: 4123 });
      await expect(socket.invoke('question')).rejects.toMatchObject({ name: 'BadConnectionError' });
      const emitted = await new Promise((resolve) => socket.emit('question', 1, (error) => resolve(error)));
      expect(emitted).toMatchObject({ name: 'BadConnectionError' });
    }),
  );

  it(
    'ends with InvalidArgumentsError when its data cannot be encoded',
    withServer(async (server) => {
      const { socket } = await server.connect();
      await expect(socket.invoke('question', 1n)).rejects.toMatchObject({ name: 'InvalidArgumentsError' });
      expect(() => socket.emit('note', 1n)).toThrow();
    }),
  );

  it(
    'does no harm when the callback throws',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.emit('question', 1, () => {
        throw new Error('in the callback');
      });
      const { cid } = await raw.next(({ event }) => event === 'question');
      raw.sendFrame({ rid: cid });
      await raw.call('#unsubscribe', 'x');
      expect(server.log.map(({ message }) => message)).toEqual(['The callback of "question" failed']);
      expect(socket.state).toBe('open');
    }),
  );
});
