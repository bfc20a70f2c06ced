import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import { startServer, withCleanup } from '../support.js';
import { serverFrames, tcpClient } from '../tcp-client.js';

const handshake = '{"event":"#handshake","cid":1,"data":{}}';

describe('pings', () => {
  it.each([
    ['v2', ''],
    ['v1', '#2'],
    ['v0', '2'],
  ])('are tried in every form once, and stay in the form that the client answers (%s)', async (_dialect, pong) => {
    await withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { pingInterval: 50, pingTimeout: 5000 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText(handshake);
      const texts = () => serverFrames(client.received()).map(({ payload }) => payload.toString());
      await waitFor(() => texts().length === 4, { what: 'the first pings' });
      expect(texts().slice(1)).toEqual(['', '#1', '1']);
      client.sendText(pong);
      const ping = { '': '', '#2': '#1', '2': '1' }[pong];
      await waitFor(() => texts().length >= 7, { what: 'more pings' });
      expect(new Set(texts().slice(4))).toEqual(new Set([ping]));
      expect(server.scServer.clientsCount).toBe(1);
    })();
  });

  it.each([
    [2, ''],
    [1, '#1'],
  ] as const)('have the form of protocolVersion %d when it is given', async (protocolVersion, ping) => {
    await withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { pingInterval: 20, pingTimeout: 5000, protocolVersion });
      const client = await tcpClient(cleanup, server.port);
      client.sendText(handshake);
      const texts = () => serverFrames(client.received()).map(({ payload }) => payload.toString());
      await waitFor(() => texts().length >= 4, { what: 'pings' });
      expect(new Set(texts().slice(1))).toEqual(new Set([ping]));
    })();
  });

  it(
    'keep a client that answers; one that is silent is closed with 4001',
    withCleanup(async (cleanup) => {
      const options: SCServerOptions = { pingInterval: 40, pingTimeout: 120 };
      const server = await startServer(cleanup, options);
      const lively = await server.connect();
      const silent = await server.connect({ answersPings: false });
      expect((await silent.raw.closed).code).toBe(4001);
      await waitFor(() => lively.raw.messages.filter((message) => message === '').length > 8, { what: 'pings' });
      expect(lively.socket.state).toBe('open');
    }),
  );

  it(
    'are not needed by a client that says other things',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { pingInterval: 40, pingTimeout: 120 });
      const { raw, socket } = await server.connect({ answersPings: false });
      for (let i = 0; i < 30; i++) {
        raw.emit('n');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(socket.state).toBe('open');
    }),
  );
});
