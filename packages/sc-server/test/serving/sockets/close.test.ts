import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { startServer, withCleanup, withServer } from '../support.js';

describe('close', () => {
  it(
    'closes every client with 1001, takes no more, and may be called twice',
    withServer(async (server) => {
      const clients = [await server.connect(), await server.connect(), { raw: await server.open() }];
      const closing = server.scServer.close();
      expect(server.scServer.close()).toBe(closing);
      for (const { raw } of clients) expect((await raw.closed).code).toBe(1001);
      await closing;
      expect(server.scServer.stats()).toMatchObject({ clients: 0, connecting: 0, channels: 0 });
      await expect(server.open()).rejects.toThrow();
    }),
  );

  it(
    'refuses with 503 who waits for the handshake middleware at that moment',
    withServer(async (server) => {
      let allow = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        server.scServer.addMiddleware('handshake', async () => {
          resolve();
          await new Promise<void>((done) => {
            allow = done;
          });
        });
      });
      const opening = server.open();
      const refused = opening.catch((error: unknown) => error);
      await asked;
      const closing = server.scServer.close();
      allow();
      expect(await refused).toMatchObject({ statusCode: 503 });
      await closing;
    }),
  );

  it(
    'cuts HTTP requests that do not end within closeTimeout',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { closeTimeout: 50 });
      server.httpServer.removeAllListeners('request');
      const hanging = new Promise<void>((resolve) => server.httpServer.on('request', () => resolve()));
      const failed = new Promise<string>((resolve) => {
        request({ port: server.port })
          .on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''))
          .end();
      });
      await hanging;
      await server.scServer.close();
      expect(await failed).toBe('ECONNRESET');
    }),
  );

  it(
    'leaves a store that it was given open',
    withCleanup(async (cleanup) => {
      const { NdataStore } = await import('ndata-store');
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      const server = await startServer(cleanup, { store });
      await server.scServer.close();
      await store.set('a', 1);
      expect(await store.get('a')).toBe(1);
    }),
  );
});
