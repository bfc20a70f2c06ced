import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { serverConformance } from 'sc-testkit';
import { startServer, type TestServer } from '../src/server.js';

describe.each(Object.entries(serverConformance))('the server, %s', (_group, cases) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ pingInterval: 300, pingTimeout: 1000 });
  });
  afterAll(() => server.stop());

  // eslint-disable-next-line jest/expect-expect -- the case asserts
  it.each(cases)('$name', (one) => one.run({ url: `ws://127.0.0.1:${server.port}/socketcluster/` }));
});
