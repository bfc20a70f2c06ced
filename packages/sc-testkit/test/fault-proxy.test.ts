import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCleanup } from '../src/cleanup.js';
import { faultProxy } from '../src/fault-proxy.js';
import type { Faults } from '../src/fault-proxy.js';
import { waitFor } from '../src/wait-for.js';

const cleanup = createCleanup();
let echo: Server;

beforeEach(async () => {
  const sockets = new Set<Socket>();
  echo = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  cleanup.add(echo, (server) => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(echo, 'listening');
});
afterEach(() => cleanup.run());

async function open(faults?: Faults) {
  const proxy = cleanup.add(await faultProxy({ port: (echo.address() as AddressInfo).port }, faults), (it) =>
    it.close(),
  );
  const socket = cleanup.add(connect(proxy.port, '127.0.0.1'), (it) => it.destroy());
  const received: Buffer[] = [];
  socket.on('data', (data: Buffer) => received.push(data));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { proxy, socket, text: () => Buffer.concat(received).toString('latin1') };
}

describe('faultProxy', () => {
  it('brings every byte in order, however it is split and delayed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 3 }),
        async (parts, chunkBytes, delayMs) => {
          const { proxy, socket, text } = await open({ chunkBytes, delayMs });
          const sent = Buffer.from(parts.join('')).toString('latin1');
          for (const part of parts) socket.write(part);
          await waitFor(() => text().length >= sent.length, { what: 'the echo' });
          expect(text()).toBe(sent);
          socket.destroy();
          await proxy.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('cuts every living connection', async () => {
    const { proxy, socket } = await open();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await waitFor(() => proxy.connections() === 1, { what: 'the connection' });
    proxy.cut();
    await closed;
    await waitFor(() => proxy.connections() === 0, { what: 'no connection' });
    expect(socket.destroyed).toBe(true);
  });

  it('swallows bytes while half open, and both ends stay open', async () => {
    const { proxy, socket, text } = await open();
    socket.write('a');
    await waitFor(() => text() === 'a', { what: 'the first echo' });
    proxy.faults.isHalfOpen = true;
    socket.write('b');
    await waitFor(() => proxy.connections() === 1 && socket.bytesWritten === 2, { what: 'the write' });
    expect({ text: text(), isOpen: !socket.destroyed }).toEqual({ text: 'a', isOpen: true });
  });

  it('reads nothing from the server while stuck, and goes on when freed', async () => {
    const { proxy, socket, text } = await open({ isStuck: true });
    socket.write('held');
    await waitFor(() => socket.bytesWritten === 4, { what: 'the write' });
    expect(text()).toBe('');
    proxy.faults.isStuck = false;
    await waitFor(() => text() === 'held', { what: 'the echo' });
  });

  it('closes twice without harm', async () => {
    const { proxy } = await open();
    await proxy.close();
    await expect(proxy.close()).resolves.toBeUndefined();
  });

  it('forgets a connection that is cut while it ends', async () => {
    const { proxy, socket } = await open();
    socket.destroy();
    for (let i = 0; i < 30; i++) {
      const others = Array.from({ length: 5 }, () => connect(proxy.port, '127.0.0.1').on('error', () => undefined));
      await Promise.all(others.map((other) => once(other, 'connect')));
      for (const other of others) other.end('bye');
      // The end takes some turns to pass through the proxy; cut in each of them once.
      for (let turn = 0; turn < i % 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
    }
    await waitFor(() => proxy.connections() === 0, {
      what: () => `${proxy.connections()} connections to be forgotten`,
    });
    expect(proxy.connections()).toBe(0);
  });
});
