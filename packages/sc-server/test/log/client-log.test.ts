import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { limitNames, limitOptions } from '../../src/limits/limit-hits.js';
import { serverDefaults } from '../../src/server/options.js';
import { startServer, withCleanup, type LogLine } from '../serving/support.js';

const summary = /^Clients were refused since the last summary/;

function entries(log: readonly LogLine[], message: string): readonly LogLine['details'][] {
  return log.filter((line) => line.message === message).map(({ details }) => details);
}

describe('The log of clients', () => {
  it(
    'has an entry at debug for each step of a client: its connection, its handshake, and its end with code and reason',
    withCleanup(async (cleanup) => {
      const { scServer, connect, log, clientLog, port } = await startServer(cleanup);
      const origin = `http://127.0.0.1:${port}`;
      const { raw, socket } = await connect({
        authToken: await scServer.signAuthToken({ username: 'alice' }),
        headers: { Origin: origin },
      });
      socket.disconnect(4100, 'enough');
      await raw.closed;
      const client = { socketId: socket.id, remoteAddress: '127.0.0.1' };
      expect(entries(clientLog, 'Client connected')).toEqual([{ ...client, origin }]);
      expect(entries(clientLog, 'Client completed its handshake')).toEqual([{ ...client, user: 'alice' }]);
      expect(entries(clientLog, 'Client disconnected')).toEqual([
        { ...client, user: 'alice', code: 4100, reason: 'enough' },
      ]);
      expect(log).toEqual([]);
    }),
  );

  it(
    'has the address that a trusted proxy reports, the rule and the origin of an upgrade that was refused',
    withCleanup(async (cleanup) => {
      const { open, log } = await startServer(cleanup, { trustProxy: ['127.0.0.1'], origins: ['https://app.example'] });
      const headers = { Origin: 'https://evil.example', 'X-Forwarded-For': '203.0.113.7' };
      await expect(open({ headers })).rejects.toThrow('403');
      expect(entries(log, 'Upgrade refused')).toEqual([
        {
          status: 403,
          reason: 'The origin "https://evil.example" is not allowed',
          url: '/socketcluster/',
          remoteAddress: '203.0.113.7',
          origin: 'https://evil.example',
        },
      ]);
    }),
  );

  it(
    'says why a token was refused, without the token',
    withCleanup(async (cleanup) => {
      const { open, log } = await startServer(cleanup);
      const raw = await open();
      const { id } = await raw.handshake('no.token.atall');
      const [entry] = entries(log, 'An auth token was refused');
      expect(entry).toMatchObject({ socketId: id, remoteAddress: '127.0.0.1', error: { reason: 'malformed' } });
      expect(JSON.stringify(log)).not.toContain('no.token.atall');
    }),
  );

  it(
    'names the limit, its option and its value when a client reaches one',
    withCleanup(async (cleanup) => {
      const { scServer, connect, clientLog } = await startServer(cleanup, { socketChannelLimit: 1 });
      const { raw, socket } = await connect();
      await raw.call('#subscribe', { channel: 'first' });
      await raw.call('#subscribe', { channel: 'second' }).catch(() => undefined);
      await waitFor(() => scServer.stats().limitHits.channelsPerSocket === 1, { what: 'the limit to be counted' });
      expect(entries(clientLog, 'Client reached a limit')).toEqual([
        {
          socketId: socket.id,
          remoteAddress: '127.0.0.1',
          limit: 'channelsPerSocket',
          option: 'socketChannelLimit',
          value: 1,
        },
      ]);
    }),
  );

  it(
    'sums up at info what was refused, and says nothing when nothing was',
    withCleanup(async (cleanup) => {
      const quiet = await startServer(cleanup);
      await quiet.connect();
      await quiet.scServer.close();
      expect(quiet.log.filter(({ message }) => summary.test(message))).toEqual([]);

      const { scServer, open, log } = await startServer(cleanup, { origins: ['https://app.example'] });
      for (let i = 0; i < 3; i++)
        await expect(open({ headers: { Origin: 'https://evil.example' } })).rejects.toThrow('403');
      const raw = await open({ headers: { Origin: 'https://app.example' } });
      await raw.handshake('no.token.atall').catch(() => undefined);
      await scServer.close();
      const [entry] = log.filter(({ message }) => summary.test(message));
      expect(entry).toMatchObject({ level: 'info', details: { upgradesByStatus: { 403: 3 }, authTokens: 1 } });
    }),
  );
});

describe('The option behind each limit', () => {
  it.each(limitNames)('%s', (name) => {
    const option = limitOptions[name];
    if (option !== undefined) expect(serverDefaults).toHaveProperty(option);
  });
});
