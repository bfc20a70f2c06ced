import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { controller, startCluster, type TestCluster } from './support.js';

describe('admission to a cluster', () => {
  let test: TestCluster | undefined;
  afterEach(async () => {
    await test?.cluster.close();
    delete process.env['SC_TEST_DENIED'];
  });
  const ask = async () => (await fetch(`http://127.0.0.1:${test?.port}/`, { headers: { connection: 'close' } })).status;

  it('asks the balancer controller about every connection', async () => {
    const balancerController = controller('balancer.cjs');
    test = await startCluster({ balancers: 1, workers: 1, balancerController });
    expect(await ask()).toBe(200);
    await test.cluster.close();
    process.env['SC_TEST_DENIED'] = '127.0.0.1';
    test = await startCluster({ balancers: 1, workers: 1, balancerController });
    await expect(ask()).rejects.toThrow();
  });

  it('closes connections of an address that has too many open', async () => {
    test = await startCluster({ balancers: 1, workers: 1, maxConnectionsPerAddress: 2 });
    const [first, second] = [await test.connect(), await test.connect()];
    await expect(test.connect()).rejects.toThrow();
    await first.close();
    await second.close();
  });

  it('believes a PROXY header of a trusted peer', async () => {
    test = await startCluster({ balancers: 1, workers: 1, trustedPeers: ['127.0.0.0/8', '::1'] });
    const { port } = test;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          'PROXY TCP4 203.0.113.7 198.51.100.1 5555 80\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        );
      });
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text)).on('error', reject);
    });
    expect(JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1))).toMatchObject({
      remoteAddress: '203.0.113.7',
      remotePort: 5555,
    });
  });
});
