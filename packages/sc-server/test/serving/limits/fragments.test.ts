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
      expect(server.scServer.stats().limitHits).toMatchObject({ fragments: 1, messageTimeout: 0 });
    }),
  );
});
