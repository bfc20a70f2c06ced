import { once } from 'node:events';
import { Agent, createServer, request, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { TlsTermination } from 'sc-balancer';
import { createCleanup, makeCertificate, tempDir, waitFor } from 'sc-testkit';
import { HttpConnections } from '../../src/server/http-connections.js';
import { stepBody, type BodyLimits } from '../../src/server/body-progress.js';
import { bodyLimitsOf, httpSettings, nodeHttpOptions, type HttpOptions } from '../../src/server/http-timeouts.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

interface Served {
  readonly http: HttpConnections;
  readonly server: HttpServer;
  readonly open: () => Socket;
  readonly connections: Set<Socket>;
}

const folder = tempDir();
const { key, cert } = makeCertificate(folder.path);
const certificate = { key, cert };
afterAll(() => folder.remove());
const kinds = ['HTTP', 'HTTPS'] as const;
type Kind = (typeof kinds)[number];

/** An HTTP or HTTPS server that does not listen, fed as the server of a worker is. */
async function serve(kind: Kind, options: HttpOptions, listener: RequestListener): Promise<Served> {
  const settings = httpSettings(options);
  const nodeOptions = { ...nodeHttpOptions(settings), connectionsCheckingInterval: 100 };
  const server = kind === 'HTTP' ? createServer(nodeOptions) : createHttpsServer(nodeOptions);
  const http = HttpConnections.create(server, bodyLimitsOf(settings));
  http.startWithoutListening();
  server.on('request', listener);
  const connections = new Set<Socket>();
  const tls = new TlsTermination(certificate, { onSecure: (client) => http.accept(client), onError: () => undefined });
  const feeder = createNetServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket)).on('error', () => undefined);
    if (kind === 'HTTP') http.accept(socket);
    else tls.take(socket);
  });
  feeder.listen(0, '127.0.0.1');
  await once(feeder, 'listening');
  cleanup.add(feeder, () => {
    feeder.close();
    for (const socket of connections) socket.destroy();
  });
  const { port } = feeder.address() as AddressInfo;
  const open = () => {
    const at = { port, host: '127.0.0.1' };
    const socket = kind === 'HTTP' ? connect(at) : connectTls({ ...at, rejectUnauthorized: false });
    cleanup.add(socket, () => socket.destroy());
    return socket.on('error', () => undefined);
  };
  return { http, server, open, connections };
}

/** Reads until the end of the connection. */
async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

async function untilText(socket: Socket, part: string): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await waitFor(() => text.includes(part), { what: `"${part}" to come` });
  return text;
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const answer: RequestListener = (_request, response) => void response.end('ok');
const nobody = () => false;

describe.each(kinds)('An %s server that does not listen', (kind) => {
  it.each([
    ['is silent', () => undefined],
    ['sends half a request', (socket: Socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n')],
    ['drips a request', (socket: Socket) => drip(socket, 'GET / HTTP/1.1\r\nX-Long: ')],
    ['drips an upgrade', (socket: Socket) => drip(socket, 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nX-Long: ')],
  ])('ends a connection that %s', async (_name, begin) => {
    const { open, connections } = await serve(kind, { headersTimeout: 300 }, answer);
    const socket = open();
    await once(socket, kind === 'HTTP' ? 'connect' : 'secureConnect');
    begin(socket);
    const text = await rest(socket);
    expect(text).toMatch(/^$|^HTTP\/1.1 408 /);
    await waitFor(() => connections.size === 0, { what: 'the connection to be gone' });
  });

  it('ends a connection that is not used again', async () => {
    const { open } = await serve(kind, { keepAliveTimeout: 100 }, answer);
    const socket = open();
    socket.write(get);
    expect(await rest(socket)).toContain('ok');
  });

  it('lets Node close idle and all connections', async () => {
    const { open, server, connections } = await serve(kind, {}, (request, response) => {
      if (request.url === '/') response.end('ok');
      else response.write('begun');
    });
    const [idle, busy] = [open(), open()];
    idle.write(get);
    busy.write(get.replace('/', '/slow'));
    await Promise.all([untilText(idle, 'ok'), untilText(busy, 'begun')]);
    server.closeIdleConnections();
    await once(idle, 'close');
    await waitFor(() => connections.size === 1, { what: 'the idle one to be gone' });
    server.closeAllConnections();
    await once(busy, 'close');
    await waitFor(() => connections.size === 0, { what: 'all to be gone' });
    expect(connections.size).toBe(0);
  });

  it('takes an upload as long as it goes on, and ends one that does not or drips', async () => {
    const limits = { bodyTimeout: 1_000, minBodyBytesPerSecond: 1_000 };
    const { open } = await serve(kind, limits, (request, response) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => (size += chunk.length)).on('end', () => response.end(`got ${size}`));
    });
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n';
    const [steady, stopped, dripping] = [open(), open(), open()];
    for (const socket of [steady, stopped, dripping]) socket.write(head);
    stopped.write('x'.repeat(100));
    drip(dripping, '');
    const ended = [stopped, dripping].map(rest);
    let sent = 0;
    const timer = setInterval(() => {
      if (sent < 8_000) steady.write('x'.repeat((sent += 500) && 500));
    }, 200);
    cleanup.add(timer, clearInterval);
    expect(await rest(steady)).toContain('got 8000');
    for (const text of await Promise.all(ended)) expect(text).toMatch(/^HTTP\/1.1 408 /);
  });

  it('does not count the time in which the application does not read', async () => {
    let resume: () => void = () => undefined;
    const { open } = await serve(kind, { bodyTimeout: 1_000, minBodyBytesPerSecond: 0 }, (request, response) => {
      request.once('data', () => request.pause());
      resume = () => request.resume().on('end', () => response.end('all'));
    });
    const socket = open();
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8\r\n\r\nx');
    // Two timeouts, in which nothing comes because nothing is read.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    resume();
    socket.write('y'.repeat(7));
    expect(await rest(socket)).toContain('all');
  });
});

describe.each(kinds)('A drain of an %s server', (kind) => {
  const rules = { lameDuckMs: 100, deadlineMs: 10_000, isHeld: nobody };

  it('says close to requests under way and to those that come yet, and ends when the last is done', async () => {
    let finish: () => void = () => undefined;
    const { open, http, connections } = await serve(kind, {}, (request, response) => {
      if (request.url === '/slow') finish = () => response.end('slow');
      else response.end('ok');
    });
    const [kept, slow] = [open(), open()];
    kept.write(get);
    slow.write(get.replace('/', '/slow'));
    expect(await untilText(kept, 'ok')).toMatch(/Connection: keep-alive/i);
    await waitFor(() => connections.size === 2, { what: 'both to be there' });
    const keptText = rest(kept);
    const slowText = rest(slow);
    const drained = http.drain({ ...rules, lameDuckMs: 10_000 });
    kept.write(get);
    expect(await keptText).toMatch(/Connection: close[^]*ok/i);
    await waitFor(() => connections.size === 1, { what: 'the kept one to be gone' });
    finish();
    expect(await slowText).toMatch(/Connection: close[^]*slow/i);
    await drained;
  });

  it('ends idle connections, those that never said anything, and half requests after the lame-duck period', async () => {
    const { open, http, connections } = await serve(kind, {}, answer);
    const [idle, silent, half] = [open(), open(), open()];
    idle.write(get);
    half.write('GET / HTTP/1.1\r\n');
    await untilText(idle, 'ok');
    await waitFor(() => connections.size === 3, { what: 'all to be there' });
    silent.resume();
    half.resume();
    await Promise.all([http.drain(rules), ...[idle, silent, half].map((socket) => once(socket, 'close'))]);
    await waitFor(() => connections.size === 0, { what: 'all to be gone' });
    expect(half.bytesRead).toBe(0);
  });

  it('cuts requests at its deadline, and upgraded connections of nobody at its end', async () => {
    const { open, http, server } = await serve(kind, {}, (_request, response) => void response.write('begun'));
    server.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const [busy, upgraded] = [open(), open()];
    busy.write(get);
    upgraded.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await Promise.all([untilText(busy, 'begun'), untilText(upgraded, '101')]);
    await Promise.all([
      http.drain({ ...rules, deadlineMs: 200 }),
      ...[busy, upgraded].map((socket) => once(socket, 'close')),
    ]);
    expect(http.server.listenerCount('upgrade')).toBe(2);
  });

  it('breaks no request of clients that keep their connections', async () => {
    const { open, http } = await serve(kind, {}, answer);
    const agent = new Agent({ keepAlive: true });
    // The agent's connections come from here, so that they are TLS when the server is.
    agent.createConnection = () => open();
    cleanup.add(agent, () => agent.destroy());
    let isOver = false;
    let answers = 0;
    const failures: unknown[] = [];
    const visitors = Array.from({ length: 10 }, async (_, i) => {
      while (!isOver) {
        await new Promise<void>((resolve) => {
          const asked = request({ agent, method: i % 2 === 0 ? 'GET' : 'POST' }, (response) => {
            answers++;
            response.resume().on('end', resolve).on('error', resolve);
          });
          asked.on('error', (error) => {
            failures.push(error);
            resolve();
          });
          asked.end(i % 2 === 0 ? undefined : 'body');
        });
      }
    });
    await waitFor(() => answers > 100, { what: 'requests to be answered' });
    http.startDraining();
    const before = answers;
    await waitFor(() => answers > before + 100, { what: 'requests to be answered' });
    isOver = true;
    await Promise.all(visitors);
    await http.drain(rules);
    expect(failures).toEqual([]);
  });
});

describe('The progress of a body', () => {
  const limits: BodyLimits = { timeoutMs: 30_000, bytesPerSecond: 240 };

  it('keeps its time at the least rate, loses it below, and earns it back above', () => {
    expect(stepBody(limits, 10_000, 1_000, 240)).toBe(10_000);
    expect(stepBody(limits, 10_000, 1_000, 0)).toBe(9_000);
    expect(stepBody(limits, 10_000, 1_000, 24)).toBe(9_100);
    expect(stepBody(limits, 10_000, 1_000, 1_000_000)).toBe(30_000);
  });

  it('has all of its time again after any byte without a least rate', () => {
    expect(stepBody({ ...limits, bytesPerSecond: 0 }, 10_000, 1_000, 1)).toBe(30_000);
    expect(stepBody({ ...limits, bytesPerSecond: 0 }, 10_000, 1_000, 0)).toBe(9_000);
  });
});

/** Sends a byte now and then, for ever. */
function drip(socket: Socket, start: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.writable && socket.write('x'), 50);
  socket.on('close', () => clearInterval(timer));
  cleanup.add(timer, clearInterval);
}
