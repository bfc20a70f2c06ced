import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NdataClient, NdataServer } from '../src/index.js';
import { replyCodes } from '../src/wire/codes.js';
import { FrameReader } from '../src/wire/frame-reader.js';
import { FrameWriter } from '../src/wire/frame-writer.js';
import { wireVersion } from '../src/wire/frame.js';
import { answerBytes, greetingBytes, loginHead, loginResultBytes } from '../src/wire/login.js';
import { commandCodes } from './helpers/command-codes.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const socketPath = folders.socketPath();
const sockets: Socket[] = [];
let server: NdataServer;
let bystander: NdataClient;

beforeAll(async () => {
  server = new NdataServer({ socketPath, loginTimeoutMs: 300, maxPendingLogins: 50 });
  await server.listen();
  bystander = new NdataClient({ socketPath });
  await bystander.set('k', 'untouched');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await bystander.close();
  await server.close();
  folders.remove();
});

function raw(): { socket: Socket; received: () => Buffer; isClosed: () => boolean } {
  const socket = connect(socketPath);
  sockets.push(socket);
  let received: Buffer = Buffer.alloc(0);
  let isClosed = false;
  socket.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
  socket.on('close', () => (isClosed = true));
  socket.on('error', () => undefined);
  return { socket, received: () => received, isClosed: () => isClosed };
}

/** A link without a client: logged in, with what came behind the login. */
async function login(): Promise<{ socket: Socket; frames: () => Buffer; isClosed: () => boolean }> {
  const { socket, received, isClosed } = raw();
  socket.write(Buffer.concat([loginHead(wireVersion, 0, Buffer.alloc(32)), Buffer.alloc(32)]));
  await waitFor('the verdict', () => received().length >= greetingBytes + loginResultBytes);
  return { socket, frames: () => received().subarray(greetingBytes + loginResultBytes), isClosed };
}

function command(id: number, name: keyof typeof commandCodes, keys: string[], payload = ''): Buffer {
  const writer = new FrameWriter();
  writer.begin(commandCodes[name], id);
  writer.head(keys, undefined);
  writer.text(payload);
  writer.end();
  return writer.take();
}

function replies(bytes: Buffer): [code: number, id: number, value: string][] {
  const reader = new FrameReader(1 << 24);
  reader.push(bytes);
  const all: [number, number, string][] = [];
  while (reader.next()) all.push([reader.code, reader.id, reader.buffer.toString('utf8', reader.start, reader.end)]);
  return all;
}

describe('frames on a link', () => {
  it('are understood however they are cut, also within a character', async () => {
    const value = '\u0001ä€😀';
    const bytes = Buffer.concat([command(1, 'set', ['ключ€'], value), command(2, 'get', ['ключ€'])]);
    const { socket, frames } = await login();
    socket.setNoDelay(true);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('both replies', () => replies(frames()).length === 2);
    expect(replies(frames())).toEqual([
      [replyCodes.done, 1, ''],
      [replyCodes.done, 2, value],
    ]);
  });

  it('are cut out of any stream of chunks as they were put in', () => {
    const frame = fc.record({
      code: fc.integer({ min: 0, max: 255 }),
      id: fc.integer({ min: 0, max: 0xffffffff }),
      body: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 20 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 300 })),
        fc.boolean(),
        (all, cuts, isLent) => {
          const writer = new FrameWriter();
          for (const { code, id, body } of all) {
            writer.begin(code, id);
            writer.bytes(body);
            writer.end();
          }
          const bytes = writer.take();
          const reader = new FrameReader(1000);
          const found: { code: number; id: number; body: Uint8Array }[] = [];
          for (let at = 0; at < bytes.length;) {
            const length = Number(cuts.next().value);
            const cut = bytes.subarray(at, at + length);
            // A buffer that is used again for each read ends in what earlier reads left there.
            const chunk = isLent ? Buffer.concat([cut, Buffer.alloc(20)]) : Buffer.from(cut);
            if (isLent) reader.lend(chunk, cut.length);
            else reader.push(chunk);
            at += length;
            while (reader.next()) {
              // `keep` moves the reader to a copy; what it returns must outlive the chunk.
              const { code, id, start, end } = reader;
              const isKept = isLent && id % 2 === 0;
              const body = isKept ? reader.keep(start, end) : Uint8Array.from(reader.buffer.subarray(start, end));
              found.push({ code, id, body });
            }
            reader.settle();
            if (isLent) chunk.fill(0xff);
          }
          expect(found.map((each) => ({ ...each, body: Uint8Array.from(each.body) }))).toEqual(all);
        },
      ),
    );
  });

  it.each<[string, Buffer]>([
    ['a length beyond the limit', Buffer.from([0xff, 0xff, 0xff, 0x7f, 2, 1, 0, 0, 0, 0])],
    ['a length below a header', Buffer.from([5, 0, 0, 0, 2, 1, 0, 0, 0])],
    ['another version', Buffer.from([6, 0, 0, 0, 9, 1, 0, 0, 0, 0])],
  ])('close the link with an error for %s, and disturb nobody else', async (_what, bytes) => {
    const { socket, frames, isClosed } = await login();
    socket.write(bytes);
    await waitFor('the end', isClosed);
    const [reply] = replies(frames());
    expect(reply?.slice(0, 2)).toEqual([replyCodes.failed, 0]);
    expect(JSON.parse(reply![2])).toMatchObject({ code: 'SC_INVALID_FRAME' });
    expect(reply![2]).not.toContain('/src/');
    expect(await bystander.get('k')).toBe('untouched');
  });

  it.each<[string, Buffer]>([
    ['no body', Buffer.from([6, 0, 0, 0, 2, 1, 5, 0, 0, 0])],
    ['more keys than there are', Buffer.from([7, 0, 0, 0, 2, 1, 5, 0, 0, 0, 9])],
    ['a key longer than its frame', Buffer.from([9, 0, 0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 3])],
    ['too many keys', Buffer.from([7, 0, 0, 0, 2, 1, 5, 0, 0, 0, 200])],
    ['options that are no JSON', Buffer.from([11, 0, 0, 0, 2, 1, 5, 0, 0, 0, 0, 2, 0, 0x7b, 0x7b])],
    ['options that are no object', Buffer.from([13, 0, 0, 0, 2, 1, 5, 0, 0, 0, 0, 4, 0, 0x6e, 0x75, 0x6c, 0x6c])],
  ])('answer a body with %s with an error, and the link goes on', async (_what, bytes) => {
    const { socket, frames } = await login();
    socket.write(Buffer.concat([bytes, command(6, 'get', ['k'])]));
    await waitFor('both replies', () => replies(frames()).length === 2);
    const [reply, next] = replies(frames());
    expect(reply?.slice(0, 2)).toEqual([replyCodes.failed, 5]);
    expect(JSON.parse(reply![2])).toMatchObject({ code: 'SC_INVALID_FRAME' });
    expect(reply![2]).not.toContain('/src/');
    expect(next).toEqual([replyCodes.done, 6, '\u0001untouched']);
  });

  it('answers an unknown command with an error and goes on', async () => {
    const { socket, frames } = await login();
    const unknown = command(1, 'get', ['k']);
    unknown[5] = 255;
    socket.write(Buffer.concat([unknown, command(2, 'get', ['k'])]));
    await waitFor('both replies', () => replies(frames()).length === 2);
    expect(replies(frames()).map(([code, id]) => [code, id])).toEqual([
      [replyCodes.failed, 1],
      [replyCodes.done, 2],
    ]);
  });

  it('lets garbage neither stop the store nor touch its data', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (garbage, isFramed) => {
        const { socket, isClosed, frames } = await login();
        const head = Buffer.from([garbage.length + 6, 0, 0, 0, wireVersion, garbage[0]! % 74, 7, 0, 0, 0]);
        head.writeUInt32LE(garbage.length + 6);
        socket.end(isFramed ? Buffer.concat([head, garbage]) : garbage);
        await waitFor('an end', () => isClosed() || frames().length > 0);
        socket.destroy();
      }),
      { numRuns: 150 },
    );
    expect(await bystander.get('k')).toBe('untouched');
    await waitFor('their end', () => server.clients === 1);
  });
});

describe('a login', () => {
  it('that begins with other bytes is ended at once', async () => {
    const { socket, isClosed } = raw();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await waitFor('the end', isClosed);
    expect(server.clients).toBe(1);
  });

  it('that does not come is ended at its deadline', async () => {
    const { isClosed, received } = raw();
    await waitFor('the end', isClosed);
    expect(received()).toHaveLength(greetingBytes);
  });

  it('is not disturbed by being cut', async () => {
    const { socket, received } = raw();
    const bytes = Buffer.concat([
      loginHead(wireVersion, 0, Buffer.alloc(32)),
      Buffer.alloc(32),
      command(1, 'get', ['k']),
    ]);
    expect(bytes.length).toBeGreaterThan(answerBytes);
    for (let at = 0; at < bytes.length; at += 9) {
      socket.write(bytes.subarray(at, at + 9));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the reply', () => received().length > greetingBytes + loginResultBytes + 10);
    expect(replies(received().subarray(greetingBytes + loginResultBytes))).toEqual([
      [replyCodes.done, 1, '\u0001untouched'],
    ]);
  });
});
