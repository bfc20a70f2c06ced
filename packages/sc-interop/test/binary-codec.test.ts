import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { ClientProcess } from '../src/client-process.js';
import { startServer, type TestServer } from '../src/server.js';

// Codecs came with 5.0.11.
const versions = ['5.5.2', '9.0.4', '14.3.2', '15.1.0', '18.3.0', '20.0.2'];

describe('clients with the published sc-codec-min-bin', () => {
  let server: TestServer;
  const all: ClientProcess[] = [];

  beforeAll(async () => {
    server = await startServer({ pingInterval: 300, pingTimeout: 2000 }, 'min-bin');
  });
  afterAll(async () => {
    for (const client of all) client.stop();
    await server.stop();
  });

  it.each(versions)('%s connects, calls, and stays while idle', async (version) => {
    const client = new ClientProcess(version);
    all.push(client);
    await client.connect(server.port, {}, 'min-bin');
    expect(await client.invoke('echo', { text: 'héllo ☃', list: [1, null] })).toEqual({
      text: 'héllo ☃',
      list: [1, null],
    });
    expect(await client.failure('invoke', 'reject', 'no')).toMatchObject({ message: 'Rejected: no' });
    await client.call('subscribe', 'bytes');
    await client.next('subscribe', ['bytes']);
    const before = client.count('message');
    await waitFor(() => client.count('message') >= before + 10, { what: 'ten pings' });
    expect(client.count('disconnect')).toBe(0);
    expect(client.events.filter(({ event }) => event === 'uncaught')).toEqual([]);
  });

  it('hear each other in one channel', async () => {
    for (const client of all) await client.call('publish', 'bytes', { from: client.version });
    for (const listener of all) {
      for (const { version } of all) await listener.next('publication', ['bytes', { from: version }]);
      expect(listener.count('publication')).toBe(all.length);
    }
  });
});
