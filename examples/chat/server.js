// Starts the cluster and says what runs. None of the chat runs in this process.
import { fileURLToPath } from 'node:url';
import { SocketCluster } from 'sc-server';

const cluster = new SocketCluster({
  appName: 'chat',
  port: Number(process.env.PORT ?? 8000),
  workers: 2,
  stores: 1,
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
      'The chat runs:',
      ...rows,
      '',
      `Open http://localhost:${port} in two tabs. Stop with Ctrl-C.`,
      `To see a crash being survived: kill -9 ${workers[0].pid}`,
      '',
    ].join('\n'),
  );
});
