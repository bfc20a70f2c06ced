import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { takeChunks } from '../src/chunks.js';
import { runs, seed } from './seed.js';

type Step = { do: 'push' | 'unshift'; bytes: number[] } | { do: 'pause' | 'resume' | 'turn' | 'listen' | 'end' };

const bytes = fc.array(fc.nat(255), { minLength: 1, maxLength: 40 });
const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('push' as const), bytes }), weight: 6 },
    { arbitrary: fc.record({ do: fc.constant('unshift' as const), bytes }), weight: 1 },
    { arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume', 'turn', 'listen') }), weight: 5 },
    { arbitrary: fc.record({ do: fc.constant('end' as const) }), weight: 1 },
  ),
  { maxLength: 40 },
) as fc.Arbitrary<Step[]>;

/** The observations of a reader during these steps: every byte, the end, and the result of each push. */
async function seen(list: readonly Step[], read: (stream: Readable, take: (chunk: Buffer) => void) => void) {
  const stream = new Readable({ read: () => undefined, highWaterMark: 64 });
  const taken: number[] = [];
  const heard: number[] = [];
  const ended = once(stream, 'end');
  read(stream, (chunk) => taken.push(...chunk));
  // A stream that has not been read yet holds what is pushed until it is.
  await new Promise(setImmediate);
  let isPushable = true;
  for (const step of list) {
    if (step.do === 'push' && isPushable) stream.push(Buffer.from(step.bytes));
    else if (step.do === 'unshift' && isPushable) stream.unshift(Buffer.from(step.bytes));
    else if (step.do === 'pause') stream.pause();
    else if (step.do === 'resume') stream.resume();
    else if (step.do === 'turn') await new Promise(setImmediate);
    else if (step.do === 'listen') stream.on('data', (chunk: Buffer) => heard.push(...chunk));
    else if (step.do === 'end' && isPushable) {
      isPushable = false;
      stream.push(null);
    }
  }
  const leftInside = stream.readableLength;
  stream.resume();
  if (isPushable) stream.push(null);
  await ended;
  return { taken, heard, leftInside };
}

/** A connection on loopback, both ends. */
async function connection(): Promise<[client: Socket, server: Socket]> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  listener.close();
  ends.push(client, server);
  return [client, server];
}

const ends: Socket[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end.destroy();
});

describe('chunks', () => {
  it(`are those that a listener for data gets, whatever happens to the stream (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const ordinary = await seen(list, (stream, take) => stream.on('data', take));
        expect(await seen(list, takeChunks)).toEqual(ordinary);
      }),
      runs(2000),
    );
  });

  it('go past the stream, with the stream as `this`', () => {
    const push = jest.spyOn(Readable.prototype, 'push');
    try {
      const stream = new Readable({ read: () => undefined });
      const chunks: [unknown, string][] = [];
      takeChunks(stream, function (this: Readable, chunk: Buffer) {
        chunks.push([this, chunk.toString()]);
      });
      stream.resume();
      expect(stream.push(Buffer.from('a'))).toBe(true);
      expect(chunks).toEqual([[stream, 'a']]);
      expect(push).not.toHaveBeenCalled();
    } finally {
      push.mockRestore();
    }
  });

  it('of a socket arrive whole and in order, with pauses in between that push back on the sender', async () => {
    const [client, server] = await connection();
    let received = 0;
    let next = 0;
    let pauses = 0;
    takeChunks(server, (chunk: Buffer) => {
      for (const byte of chunk) {
        if (byte !== next) throw new Error(`Byte ${received} is ${byte}, not ${next}`);
        next = (next + 1) % 251;
      }
      const before = received;
      received += chunk.length;
      if (Math.floor(received / 300_000) === Math.floor(before / 300_000)) return;
      pauses += 1;
      server.pause();
      // The number of bytes buffered meanwhile is up to the stream.
      setImmediate(() => {
        expect(server.readableLength).toBeLessThanOrEqual(server.readableHighWaterMark + 65_536);
        server.resume();
      });
    });
    const all = Buffer.alloc(251 * 40_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
    client.end(all);
    await once(server, 'end');
    expect(received).toBe(all.length);
    expect(pauses).toBeGreaterThan(10);
  });

  it('stay in the system while a socket is paused', async () => {
    const [client, server] = await connection();
    let received = 0;
    takeChunks(server, (chunk: Buffer) => (received += chunk.length));
    server.pause();
    const total = 50_000_000;
    client.end(Buffer.alloc(total));
    // The stream takes what it may hold, and reads no further.
    while (server.readableLength < server.readableHighWaterMark) await new Promise(setImmediate);
    expect(received).toBe(0);
    expect(server.bytesRead).toBeLessThanOrEqual(server.readableHighWaterMark + 65_536);
    server.resume();
    await once(server, 'end');
    expect(received).toBe(total);
  });

  it('reach who listens or pipes beside', async () => {
    const stream = new PassThrough();
    const taken: string[] = [];
    takeChunks(stream, (chunk: Buffer) => taken.push(chunk.toString()));
    const beside = stream.pipe(new PassThrough()).setEncoding('utf8');
    stream.write('a');
    stream.end('b');
    let piped = '';
    for await (const text of beside) piped += String(text);
    expect(piped).toBe('ab');
    expect(taken.join('')).toBe('ab');
  });
});
