import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { waitFor, type Cleanup } from 'sc-testkit';
import type { SCServer } from '../../../src/server/sc-server.js';
import { masked } from '../websocket/client-frames.js';
import { startServer, withCleanup, type TestServer } from '../support.js';
import { tcpClient, type TcpClient } from '../tcp-client.js';
import { moveAll } from './harness.js';

const text = (frame: object) => JSON.stringify(frame);
const event = (data: unknown) => text({ event: 'note', data });

/** Everything that a client may send, as one stream. */
const stream = Buffer.concat([
  masked(0x81, event('a text')),
  masked(0x01, event('in fragments €').slice(0, 10)),
  masked(0x89, 'ping'),
  masked(0x00, event('in fragments €').slice(10, 17)),
  masked(0x8a, ''),
  masked(0x80, event('in fragments €').slice(17)),
  masked(
    0x81,
    text([
      { event: 'note', data: 1 },
      { event: 'note', data: 2 },
    ] as never),
  ),
  masked(0x81, event('x'.repeat(200))),
  masked(0x82, Buffer.from(event('bytes'))),
  masked(0x81, ''),
  masked(0x81, text({ event: 'note', data: 'a call', cid: 7 })),
]);
const expected = ['a text', 'in fragments €', 1, 2, 'x'.repeat(200), 'bytes', 'a call'];

interface Pair {
  readonly servers: readonly [TestServer, TestServer];
  readonly notes: unknown[];
  readonly client: TcpClient;
}

async function startPair(cleanup: Cleanup): Promise<Pair> {
  const store = cleanup.add(new NdataStore(), (one) => one.close());
  const servers = [await startServer(cleanup, { store }), await startServer(cleanup, { store })] as const;
  const notes: unknown[] = [];
  const take = (scServer: SCServer): void => {
    scServer.on('connection', (socket) => {
      socket.on('note', (data, respond) => {
        notes.push(data);
        respond(null, data);
      });
    });
  };
  for (const { scServer } of servers) take(scServer);
  const client = await tcpClient(cleanup, servers[0].port);
  client.sendText(text({ event: '#handshake', data: {}, cid: 1 }));
  await waitFor(() => servers[0].scServer.clientsCount === 1, { what: 'the handshake' });
  return { servers, notes, client };
}

describe('Input that a client has sent when its socket moves', () => {
  it(
    'is handled once, wherever its bytes are cut',
    withCleanup(async (cleanup) => {
      const { servers, notes, client } = await startPair(cleanup);
      let [from, to] = servers;
      for (let cut = 0; cut <= stream.length; cut++) {
        notes.length = 0;
        const before = client.received().length;
        client.socket.write(stream.subarray(0, cut));
        const move = moveAll(from, to);
        // Now and then in one piece with what the first server reads.
        if (cut % 3 === 0) client.socket.write(stream.subarray(cut));
        expect(await move).toEqual({ moved: 1, refused: 0, closed: 0 });
        if (cut % 3 !== 0) client.socket.write(stream.subarray(cut));
        await waitFor(() => notes.length >= expected.length, {
          deadlineMs: 30_000,
          what: () => `the notes after a cut at ${cut}: ${JSON.stringify(notes)}`,
        });
        expect([cut, notes]).toEqual([cut, expected]);
        const answer = () => client.received().subarray(before).toString('latin1');
        await waitFor(() => answer().includes('"rid":7'), { what: `the answer after a cut at ${cut}` });
        // The pong of the WebSocket protocol, once.
        expect(answer().split('\x8a\x04ping')).toHaveLength(2);
        [from, to] = [to, from];
      }
    }),
    120_000,
  );

  it(
    'is handled after the listener of its connection has settled',
    withCleanup(async (cleanup) => {
      const { servers, notes, client } = await startPair(cleanup);
      const [from, to] = servers;
      let isReady = false;
      // Input that arrives before the move.
      for (const socket of Object.values(from.scServer.clients))
        socket.on('late', (data) => void notes.push([true, data]));
      to.scServer.on('connection', async (socket) => {
        socket.on('late', (data) => void notes.push([isReady, data]));
        await new Promise((resolve) => setTimeout(resolve, 50));
        isReady = true;
      });
      const move = moveAll(from, to);
      client.sendText(text({ event: 'late', data: 1 }));
      await move;
      client.sendText(text({ event: 'late', data: 2 }));
      await waitFor(() => notes.length === 2, { what: 'both events' });
      expect(notes).toEqual([
        [true, 1],
        [true, 2],
      ]);
    }),
  );

  it(
    'ends the socket as without a move when it breaks the protocol',
    withCleanup(async (cleanup) => {
      const { servers, client } = await startPair(cleanup);
      client.socket.write(masked(0x01, '{"ev').subarray(0, 9));
      await moveAll(...servers);
      client.socket.write(Buffer.concat([masked(0x01, '{"ev').subarray(9), masked(0x81, 'within another message')]));
      expect(await client.closeCode()).toBe(1002);
    }),
  );

  it(
    'includes its end',
    withCleanup(async (cleanup) => {
      const { servers, client } = await startPair(cleanup);
      const [, to] = servers;
      const gone: unknown[] = [];
      to.scServer.on('disconnection', (_socket, code) => gone.push(code));
      const move = moveAll(...servers);
      client.socket.end(masked(0x88, Buffer.from('03e8', 'hex')));
      await move;
      await waitFor(() => servers.every(({ scServer }) => scServer.clientsCount === 0), { what: 'the end' });
      expect(gone.every((code) => code === 1000)).toBe(true);
    }),
  );
});
