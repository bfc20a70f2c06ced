// Starts the cluster and prints its processes. The chat itself runs in the workers.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'chat',
  port: Number(process.env.PORT ?? 8000),
  workers: 2,
  stores: 1,
  // So that a page that joins or comes back gets what was said before.
  channels: { 'chat/{room}': { history: { size: 500, ageMs: 86_400_000 } } },
  workerController: fileURLToPath(new URL('worker.js', import.meta.url)),
});

cluster.on('ready', () => {
  const { port, supervisor, workers, stores } = cluster.status();
  const row = (name, pid) => `  ${name.padEnd(12)}pid ${pid}`;
  const rows = [
    row('supervisor', supervisor.pid),
    ...workers.map(({ id, pid }) => row(`worker ${id}`, pid)),
    ...stores.map(({ id, pid }) => row(`store ${id}`, pid)),
  ];
  console.log(
    [
      '',
      'The chat is running:',
      ...rows,
      '',
      `Open http://localhost:${port} in two tabs. Stop with Ctrl-C.`,
      `To see it survive a crash: kill -9 ${workers[0].pid}`,
      '',
    ].join('\n'),
  );
});
