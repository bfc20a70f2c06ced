import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { getRequestListener, serve, type HttpBindings } from '@hono/node-server';
import express from 'express';
import { fastify, type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { rawSocket, type Cleanup } from 'sc-testkit';
import { SCServer } from '../../src/server/sc-server.js';
import { authKey, withCleanup } from './support.js';

function expressApp(): RequestListener {
  const app = express();
  app.use(express.json());
  app.get('/hello', (request, response) => {
    response.cookie('theme', 'dark').json({ from: 'express', session: typeof request.session?.id });
  });
  app.post('/echo', (request, response) => void response.json(request.body));
  return app;
}

function fastifyApp(): FastifyInstance {
  const app = fastify();
  app.get('/hello', (request, reply) => {
    void reply.header('Set-Cookie', 'theme=dark');
    void reply.send({ from: 'fastify', session: typeof request.raw.session?.id });
  });
  app.post('/echo', (request, reply) => void reply.send(request.body));
  return app;
}

async function fastifyListener(): Promise<RequestListener> {
  const app = fastifyApp();
  await app.ready();
  return (request, response) => app.routing(request, response);
}

function honoApp(): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/hello', (context) => {
    context.header('Set-Cookie', 'theme=dark', { append: true });
    return context.json({ from: 'hono', session: typeof context.env.incoming.session?.id });
  });
  app.post('/echo', async (context) => context.json(await context.req.json()));
  return app;
}

async function serveSockets(cleanup: Cleanup, listener: RequestListener): Promise<number> {
  const httpServer = createServer(listener);
  const scServer = cleanup.add(SCServer.attach(httpServer, { authKey, sessions: true }), (one) => one.close());
  scServer.on('connection', (socket) => void socket.on('echo', (data, respond) => respond(null, data)));
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  return (httpServer.address() as AddressInfo).port;
}

describe('the HTTP side stays the application’s', () => {
  it.each<[string, () => RequestListener | Promise<RequestListener>]>([
    ['express', expressApp],
    ['fastify', fastifyListener],
    ['hono', () => getRequestListener(honoApp().fetch)],
  ])('with %s: routes, bodies, cookies and sockets on one port', async (from, makeApp) => {
    await withCleanup(async (cleanup) => {
      const port = await serveSockets(cleanup, await makeApp());
      const hello = await fetch(`http://127.0.0.1:${port}/hello`);
      expect(await hello.json()).toEqual({ from, session: 'string' });
      const cookies = hello.headers.getSetCookie();
      expect(cookies.some((cookie) => cookie.startsWith('theme=dark'))).toBe(true);
      expect(cookies.some((cookie) => cookie.startsWith('sc.session='))).toBe(true);
      const echo = await fetch(`http://127.0.0.1:${port}/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ n: 1 }),
      });
      expect(await echo.json()).toEqual({ n: 1 });
      expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404);
      const raw = cleanup.add(await rawSocket(`ws://127.0.0.1:${port}/socketcluster/`), (one) => one.terminate());
      await raw.handshake();
      expect((await raw.call('echo', 'hi')).data).toBe('hi');
    })();
  });

  it(
    'with a server that fastify made',
    withCleanup(async (cleanup) => {
      const app = cleanup.add(fastifyApp(), (one) => one.close());
      cleanup.add(SCServer.attach(app.server, { authKey, sessions: true }), (one) => one.close());
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as AddressInfo;
      const hello = await fetch(`http://127.0.0.1:${port}/hello`);
      expect(await hello.json()).toEqual({ from: 'fastify', session: 'string' });
      const raw = cleanup.add(await rawSocket(`ws://127.0.0.1:${port}/socketcluster/`), (one) => one.terminate());
      expect((await raw.handshake()).id).toHaveLength(20);
    }),
  );

  it(
    'with a server that hono made',
    withCleanup(async (cleanup) => {
      const httpServer = serve({ fetch: honoApp().fetch, port: 0, hostname: '127.0.0.1' });
      cleanup.add(SCServer.attach(httpServer as never, { authKey }), (one) => one.close());
      await new Promise<void>((resolve) => void httpServer.once('listening', resolve));
      const { port } = httpServer.address() as AddressInfo;
      const raw = cleanup.add(await rawSocket(`ws://127.0.0.1:${port}/socketcluster/`), (one) => one.terminate());
      expect((await raw.handshake()).isAuthenticated).toBe(false);
      expect((await fetch(`http://127.0.0.1:${port}/hello`)).status).toBe(200);
    }),
  );
});
