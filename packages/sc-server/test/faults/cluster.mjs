// The cluster that gets hurt. Prints READY, and a line of JSON for everything that happens; does what stdin says.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SocketCluster } from '../../dist/index.js';

const print = (name, value) => console.log(`${name} ${JSON.stringify(value)}`);
const cluster = new SocketCluster({
  appName: 'faults',
  port: 0,
  host: '127.0.0.1',
  authKey: 'a key of thirty-two bytes or more',
  workerController: fileURLToPath(new URL('worker.cjs', import.meta.url)),
  // All clients run on one machine and would look like a single busy client.
  connectionRate: 0,
  ...JSON.parse(process.env.CLUSTER_OPTIONS),
});
cluster.on('ready', () => print('READY', cluster.status()));
cluster.on('workerStart', ({ id, pid }) => print('STARTED', { id, pid, at: Date.now() }));
createInterface(process.stdin).on('line', async (line) => {
  if (line === 'status') print('STATUS', cluster.status());
  if (line === 'reload') {
    await cluster.reload();
    print('RELOADED', {});
  }
});
