import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { startServer, withCleanup } from '../support.js';
import { serverFrames, tcpClient } from '../tcp-client.js';

describe('what leaves in one turn', () => {
  it(
    'is one write: events, answers and publications, in their order',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { protocolVersion: 2 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText('{"event":"#handshake","cid":1,"data":{}}');
      client.sendText('{"event":"#subscribe","cid":2,"data":"x"}');
      const socket = await waitFor(() => Object.values(server.scServer.clients).find((one) => one.isSubscribed('x')), {
        what: 'the subscription',
      });
      await waitFor(() => serverFrames(client.received()).length === 2, { what: 'both answers' });
      const before = client.received().length;
      const writes: number[] = [];
      const stream = socket.request.socket;
      const write = stream.write.bind(stream);
      stream.write = (chunk: Buffer) => {
        writes.push(chunk.length);
        return write(chunk);
      };
      for (let i = 0; i < 50; i++) socket.emit('n', i);
      socket.send('raw');
      const texts = await waitFor(
        () => {
          const frames = serverFrames(client.received().subarray(before)).map(({ payload }) => payload.toString());
          return frames.length === 51 && frames;
        },
        { what: 'all of them' },
      );
      expect(writes).toHaveLength(1);
      expect(texts).toEqual([...Array.from({ length: 50 }, (_, i) => `{"event":"n","data":${i}}`), 'raw']);
    }),
  );
});
