import { describe, expect, it } from '@jest/globals';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { withServer } from '../support.js';

describe('the middleware line event', () => {
  it(
    'lets a function of (socket, event, data, next) allow and refuse',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      socket.on('bla', (data, respond) => respond(null, data));
      const seen: unknown[] = [];
      server.scServer.addMiddleware(
        server.scServer.MIDDLEWARE_EVENT,
        (who: SCSocket, event: string, data: unknown, next: Next) => {
          seen.push([who.id, event, data]);
          if (event === 'bla') next(new Error(`bla event is not allowed for socket ${who.id}`));
          else next();
        },
      );
      expect(await raw.call('echo', 1)).toEqual({ rid: 2, data: 1 });
      expect(await raw.call('bla', 2)).toEqual({
        rid: 3,
        error: {
          name: 'Error',
          message: `bla event is not allowed for socket ${socket.id}`,
          code: 'SC_BLOCKED',
          line: 'event',
        },
      });
      expect(seen).toEqual([
        [socket.id, 'echo', 1],
        [socket.id, 'bla', 2],
      ]);
    }),
  );

  it(
    'lets a function of (req, next) change the data',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      server.scServer.addMiddleware(server.scServer.MIDDLEWARE_EMIT, (req, next) => {
        req.data = [req.event, req.data, req.socket.id];
        next();
      });
      expect((await raw.call('echo', 1)).data).toEqual(['echo', 1, socket.id]);
    }),
  );

  it(
    'takes an async function of one context',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.handle('double', (data) => Number(data) * 2);
      server.scServer.addMiddleware('event', async (context) => {
        await Promise.resolve();
        if (context.data === 13) throw Object.assign(new Error('unlucky'), { code: 'NOT_13', detail: { is: 13 } });
        context.data = Number(context.data) + 1;
      });
      expect((await raw.call('double', 4)).data).toBe(10);
      expect((await raw.call('double', 13)).error).toEqual({
        name: 'Error',
        message: 'unlucky',
        code: 'NOT_13',
        line: 'event',
      });
    }),
  );

  it(
    'counts only the first word of a function that calls next twice, and logs it',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      server.scServer.addMiddleware('event', (_req, next) => {
        next('no');
        next();
      });
      expect((await raw.call('echo', 1)).error?.message).toBe('no');
      expect(server.log.map(({ message }) => message)).toEqual([
        'A middleware of the line "event" called next more than once',
      ]);
    }),
  );

  it(
    'logs what a function throws after it has allowed',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      server.scServer.addMiddleware('event', async (_req, next) => {
        next();
        throw new Error('too late');
      });
      expect((await raw.call('echo', 1)).data).toBe(1);
      expect(server.log.map(({ level, message }) => [level, message])).toEqual([
        ['error', 'A middleware of the line "event" failed after its decision'],
      ]);
    }),
  );

  it.each([
    [true, 'Blocked by the middleware line "event"'],
    ['', undefined],
    [0, undefined],
    [{ message: 'an object', code: 'MINE' }, 'an object'],
  ])('treats next(%j) as the original did: anything truthy refuses', async (reason, message) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      server.scServer.addMiddleware('event', (_req, next) => next(reason));
      expect((await raw.call('echo', 1)).error?.message).toBe(message);
    })();
  });

  it(
    'says nothing to an event without a call id that it refuses',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      socket.on('note', (data) => void seen.push(data));
      server.scServer.addMiddleware('event', ({ data }) => {
        if (data === 1) throw new Error('no');
      });
      raw.emit('note', 1);
      raw.emit('note', 2);
      await raw.call('#unsubscribe', 'x');
      expect(seen).toEqual([2]);
      expect(raw.frames).toHaveLength(2);
    }),
  );

  it(
    'keeps the order in which the client sent, however long each decision takes',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      socket.on('note', (data) => void seen.push(data));
      server.scServer.addMiddleware('event', async ({ data }) => {
        if (Number(data) % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      });
      server.scServer.addMiddleware('subscribe', async () => {
        seen.push('subscribe');
      });
      for (let i = 0; i < 20; i++) raw.emit('note', i);
      raw.emit('#subscribe', { channel: 'x' });
      for (let i = 20; i < 30; i++) raw.emit('note', i);
      await raw.call('#unsubscribe', 'y');
      const numbers = Array.from({ length: 30 }, (_, i) => i);
      expect(seen).toEqual([...numbers.slice(0, 20), 'subscribe', ...numbers.slice(20)]);
    }),
  );

  it(
    'refuses functions with a number of parameters that no form has, and lines that do not exist',
    withServer(async ({ scServer }) => {
      expect(() =>
        scServer.addMiddleware('event', Object.defineProperty(() => undefined, 'length', { value: 3 }) as never),
      ).toThrow('A middleware of the line "event" must take 1 or 2 or 4 parameters, got 3');
      expect(() => scServer.addMiddleware('emitted' as never, () => undefined)).toThrow(
        'A middleware line must be one of handshake, authenticate, event, subscribe, publishIn, publishOut, got emitted',
      );
      expect(() => scServer.addMiddleware('event', 'text' as never)).toThrow('A middleware must be a function');
    }),
  );
});
