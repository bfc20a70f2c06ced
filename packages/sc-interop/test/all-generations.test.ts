import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientProcess } from '../src/client-process.js';
import { startServer, type TestServer } from '../src/server.js';
import { unicode } from '../src/shared-list.js';
import { clients } from '../src/versions.js';

describe('clients of all generations on one server', () => {
  let server: TestServer;
  const all: ClientProcess[] = [];

  beforeAll(async () => {
    server = await startServer({ legacyDialects: ['b6'] });
  });
  afterAll(async () => {
    for (const client of all) client.stop();
    await server.stop();
  });

  it('hear each other in one channel', async () => {
    for (const { version } of clients) {
      const client = new ClientProcess(version);
      all.push(client);
      await client.connect(server.port);
      await client.call('subscribe', 'all');
      await client.next('subscribe', ['all']);
    }
    for (const client of all) await client.call('publish', 'all', { from: client.version, text: unicode });
    for (const listener of all)
      for (const { version } of all) await listener.next('publication', ['all', { from: version, text: unicode }]);
    for (const listener of all) {
      const heard = listener.events.filter(({ event }) => event === 'publication').map(({ args }) => args[1]);
      expect(heard).toEqual(all.map(({ version }) => ({ from: version, text: unicode })));
    }
  });
});
