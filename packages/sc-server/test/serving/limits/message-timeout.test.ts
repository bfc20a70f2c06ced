import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { FrameReader, type FrameSink } from '../../../src/websocket/frame-reader.js';
import { UnfinishedMessages } from '../../../src/websocket/late-messages.js';
import { startServer, withCleanup } from '../support.js';
import { clientFrame, opcodes, tcpClient, type TcpClient } from '../tcp-client.js';

const handshake = '{"event":"#handshake","cid":1,"data":{"client":{"name":"c","version":"1"}}}';

/** A reader of its own, and what became of its messages. */
function reader(unfinished: UnfinishedMessages) {
  const seen = { messages: 0, code: 0, isPaused: false };
  const ignore = () => undefined;
  const sink: FrameSink = {
    onText: () => void (seen.messages += 1),
    onBinary: ignore,
    onPing: ignore,
    onPong: ignore,
    onCloseFrame: ignore,
    onViolation: (code) => void (seen.code = code),
    get isPaused() {
      return seen.isPaused;
    },
  };
  const one = new FrameReader(sink, { maxPayloadBytes: 1000, maxFragments: 1000 }, unfinished);
  return { seen, push: (bytes: Buffer) => one.push(Buffer.from(bytes)) };
}

const nextTimer = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('the time that a message takes', () => {
  it.each<[string, (client: TcpClient) => void]>([
    ['a header', ({ socket }) => void socket.write(Buffer.from([0x81]))],
    [
      'a frame',
      ({ socket }) => void socket.write(clientFrame(opcodes.text, Buffer.from('{"a":1}'), true).subarray(0, 9)),
    ],
    ['a ping', ({ socket }) => void socket.write(clientFrame(opcodes.ping, Buffer.from('abc'), true).subarray(0, 7))],
    ['a message in fragments', (client) => client.sendFrame(opcodes.text, '{', false)],
  ])('may be messageTimeout; %s that does not end by then closes with 1008', async (_what, begin) => {
    await withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { messageTimeout: 160 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText(handshake);
      await waitFor(() => server.scServer.clientsCount === 1, { what: 'the handshake' });
      begin(client);
      expect(await client.closeCode()).toBe(1008);
      expect(server.scServer.stats().limitHits.messageTimeout).toBe(1);
    })();
  });

  it(
    'counts from its first byte, whatever drips in and whatever comes between its fragments',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { messageTimeout: 160 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText(handshake);
      await waitFor(() => server.scServer.clientsCount === 1, { what: 'the handshake' });
      client.sendFrame(opcodes.text, '{', false);
      const drip = setInterval(() => {
        client.sendFrame(opcodes.ping, '');
        client.sendFrame(opcodes.continuation, ' ', false);
      }, 5);
      cleanup.add(drip, clearInterval);
      expect(await client.closeCode()).toBe(1008);
      expect(server.scServer.stats().limitHits).toMatchObject({ messageTimeout: 1, fragments: 0 });
    }),
  );

  it('begins anew with each message, though nothing ever ends where a read does', async () => {
    const unfinished = new UnfinishedMessages(16);
    const [busy, idle] = [reader(unfinished), reader(unfinished)];
    const whole = clientFrame(opcodes.text, Buffer.from('text'), true);
    // The rest of one and the beginning of the next.
    const piece = Buffer.concat([whole.subarray(7), whole.subarray(0, 7)]);
    idle.push(whole.subarray(0, 7));
    busy.push(whole.subarray(0, 7));
    await waitFor(
      async () => {
        busy.push(piece);
        await nextTimer();
        return idle.seen.code === 1008;
      },
      { what: 'the other to be given up' },
    );
    expect(busy.seen).toMatchObject({ code: 0 });
    expect(busy.seen.messages).toBeGreaterThan(1);
    unfinished.stop();
  });

  it('does not count while the server itself does not read', async () => {
    const unfinished = new UnfinishedMessages(16);
    const [paused, idle] = [reader(unfinished), reader(unfinished)];
    const half = clientFrame(opcodes.text, Buffer.from('text'), true).subarray(0, 7);
    paused.seen.isPaused = true;
    paused.push(half);
    idle.push(half);
    await waitFor(() => idle.seen.code === 1008, { what: 'the other to be given up' });
    expect(paused.seen.code).toBe(0);
    paused.seen.isPaused = false;
    await waitFor(() => paused.seen.code === 1008, { what: 'its own time to be over' });
  });
});
