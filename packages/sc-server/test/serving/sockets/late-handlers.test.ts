import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('an asynchronous listener of connection', () => {
  it(
    'sets its handlers before any frame of the client is handled; order is kept, and answers overtake',
    withServer(async (server) => {
      const heard: unknown[] = [];
      server.scServer.on('connection', async (socket) => {
        heard.push(await socket.invoke('name'));
        socket.on('color', (color) => void heard.push(color));
        socket.handle('greet', (name) => `Hello ${String(name)}`);
      });
      const raw = await server.open();
      await raw.handshake();
      raw.emit('color', 'red');
      const greeting = raw.call('greet', 'Ada');
      const { cid } = await raw.next(({ event }) => event === 'name');
      raw.sendFrame({ rid: cid, data: 'Ada' });
      expect((await greeting).data).toBe('Hello Ada');
      expect(heard).toEqual(['Ada', 'red']);
    }),
  );

  it(
    'that rejects lets the frames through, and can be removed by the function that was added',
    withServer(async (server) => {
      const rejects = () => Promise.reject(new Error('The store is away'));
      server.scServer.on('connection', rejects);
      const first = await server.connect();
      expect((await first.raw.call('greet')).error?.name).toBe('NoHandlerError');
      server.scServer.off('connection', rejects);
      await server.connect();
      expect(server.log.filter(({ message }) => message === 'A listener of the server failed')).toHaveLength(1);
    }),
  );

  it(
    'that never settles holds frames up for middlewareTimeout at most, and the log says so',
    withServer(
      async (server) => {
        server.scServer.on('connection', () => new Promise<void>(() => undefined));
        const { raw } = await server.connect();
        expect((await raw.call('greet')).error?.name).toBe('NoHandlerError');
        expect(server.log).toContainEqual(expect.objectContaining({ level: 'warn' }));
      },
      { middlewareTimeout: 100 },
    ),
  );
});
