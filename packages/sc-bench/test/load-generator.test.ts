import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocketServer, type WebSocket } from 'ws';
import { LoadGenerator, type LoadReport } from '../src/load/load-generator.js';
import type { LoadPlan } from '../src/load/plan.js';
import { buildPrograms, echoPlan, text } from './support.js';

let built: ReturnType<typeof buildPrograms>;
beforeAll(() => {
  built = buildPrograms();
});
afterAll(() => built.remove());

/** Runs a plan against a server that does `serve` with each client. */
async function runAgainst(
  serve: (ws: WebSocket) => void,
  plan: (port: number) => LoadPlan,
): Promise<{ warm: LoadReport; done: LoadReport }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', serve);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const load = new LoadGenerator(built.programs.load, plan(port), built.directory, undefined);
  try {
    await load.run('connect');
    const warm = await load.run('warm');
    return { warm, done: await load.run('run') };
  } finally {
    await load.end();
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
}

const clean = { lost: 0, extra: 0, closed: 0 };

describe('the load generator', () => {
  it('counts every echo, and shows one of them', async () => {
    let received = 0;
    const { warm, done } = await runAgainst(
      (ws) =>
        ws.on('message', (message) => {
          received += 1;
          ws.send(message, { binary: false });
        }),
      echoPlan,
    );
    expect(done).toMatchObject({ ...clean, minLength: text.length, maxLength: text.length });
    expect(warm.messages + done.messages).toBe(received);
    expect(Buffer.from(done.sample, 'hex').toString()).toBe(text);
  });

  it('reports what a server loses', async () => {
    let count = 0;
    const { done } = await runAgainst(
      (ws) =>
        ws.on('message', (message) => {
          count += 1;
          if (count % 1000 !== 999) ws.send(message, { binary: false });
        }),
      (port) => echoPlan(port, { minMessages: 2500 }),
    );
    expect(done.lost).toBeGreaterThan(0);
  });

  it('reports what a server says twice', async () => {
    const { warm } = await runAgainst(
      (ws) =>
        ws.on('message', (message) => {
          ws.send(message, { binary: false });
          ws.send(message, { binary: false });
        }),
      echoPlan,
    );
    expect(warm.extra).toBeGreaterThan(0);
  });

  it('answers pings and counts neither them nor short acks', async () => {
    let pongs = 0;
    const { done } = await runAgainst((ws) => {
      ws.on('message', (message: Buffer) => {
        if (message.toString() === '#2') {
          pongs += 1;
          return;
        }
        ws.send('#1');
        ws.send('{"rid":1}');
        ws.send(message, { binary: false });
      });
    }, echoPlan);
    expect(done).toMatchObject(clean);
    expect(pongs).toBeGreaterThan(0);
  });

  it('counts messages that arrive in pieces', async () => {
    const long = 'y'.repeat(70_000);
    const { done } = await runAgainst((ws) => ws.on('message', () => ws.send(long)), echoPlan);
    expect(done).toMatchObject({ ...clean, minLength: 70_000, maxLength: 70_000 });
  });

  it('holds a fixed number of publications in flight and counts each delivery', async () => {
    const subscribers = new Set<WebSocket>();
    let inFlight = 0;
    let most = 0;
    const { done } = await runAgainst(
      (ws) =>
        ws.on('message', (message: Buffer) => {
          if (message.toString() === 'subscribe') {
            subscribers.add(ws);
            ws.send('ok');
            return;
          }
          inFlight += 1;
          most = Math.max(most, inFlight);
          setImmediate(() => {
            inFlight -= 1;
            for (const subscriber of subscribers) subscriber.send(message, { binary: false });
          });
        }),
      (port) =>
        echoPlan(port, {
          mode: 'fan-out',
          depth: 2,
          subscribersPerPublication: 3,
          connections: [
            ...Array.from({ length: 3 }, () => ({ port, steps: [{ send: 'subscribe', awaitFrames: 1 }] })),
            { port, steps: [] },
          ],
          messages: [{ connection: 3, text }],
        }),
    );
    expect(done).toMatchObject(clean);
    expect(done.messages).toBe(done.sent * 3);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('tells deliveries of many channels apart', async () => {
    const subscribers = new Map<string, WebSocket[]>();
    const { done } = await runAgainst(
      (ws) =>
        ws.on('message', (message: Buffer) => {
          const [verb, channel = '', data = ''] = message.toString().split(' ');
          if (verb === 'subscribe') {
            subscribers.set(channel, [...(subscribers.get(channel) ?? []), ws]);
            ws.send('ok');
          } else {
            for (const subscriber of subscribers.get(channel) ?? []) subscriber.send(`${channel} ${data}`);
          }
        }),
      (port) => {
        const channels = ['c0000', 'c0001', 'c0002'];
        return echoPlan(port, {
          mode: 'fan-out',
          depth: 2,
          subscribersPerPublication: 2,
          channelOffset: 1,
          connections: [0, 1].map(() => ({
            port,
            steps: channels.map((channel) => ({ send: `subscribe ${channel}`, awaitFrames: 1 })),
          })),
          messages: channels.map((channel, i) => ({ connection: i % 2, text: `publish ${channel} ${'z'.repeat(80)}` })),
        });
      },
    );
    expect(done).toMatchObject(clean);
    expect(done.messages).toBe(done.sent * 2);
    expect(done.sent % 3).toBe(0);
  });

  it('says why an upgrade was refused', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const load = new LoadGenerator(built.programs.load, echoPlan(port), built.directory, undefined);
    await expect(load.run('connect')).rejects.toThrow('an upgrade was refused');
    await load.end();
    await new Promise((resolve) => server.close(resolve));
  });
});
