import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { startServer, withCleanup } from '../support.js';
import { opcodes, tcpClient } from '../tcp-client.js';

describe('the fragments of a message', () => {
  it(
    'may be maxFragments; one more closes with 1008',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxFragments: 8 });
      const fragments = ['{"event":"#handshake","cid":1,"data":{', ...Array.from({ length: 6 }, () => ' '), '}}'];
      const client = await tcpClient(cleanup, server.port);
      fragments.forEach((text, index) => {
        client.sendFrame(index === 0 ? opcodes.text : opcodes.continuation, text, index === 7);
      });
      await waitFor(() => server.scServer.clientsCount === 1, { what: 'the handshake' });

      const flood = await tcpClient(cleanup, server.port);
      for (let i = 0; i < 9; i++) flood.sendFrame(i === 0 ? opcodes.text : opcodes.continuation, '', false);
      expect(await flood.closeCode()).toBe(1008);
      expect(server.scServer.stats().limitHits.fragments).toBe(1);
    }),
  );

  it(
    'of a message that is never finished close the socket when its ping timeout is over',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { pingInterval: 100, pingTimeout: 300 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText('{"event":"#handshake","cid":1,"data":{"client":{"name":"c","version":"1"}}}');
      await waitFor(() => server.scServer.clientsCount === 1, { what: 'the handshake' });
      client.sendFrame(opcodes.text, '{', false);
      const drip = setInterval(() => {
        client.sendFrame(opcodes.continuation, ' ', false);
        client.sendFrame(opcodes.pong, '');
      }, 20);
      cleanup.add(drip, clearInterval);
      expect(await client.closeCode()).toBe(4001);
      expect(server.scServer.stats().limitHits.pingTimeout).toBe(1);
    }),
  );
});
