// Runs every kind of abuse at full size, or with --small, against one server, and prints what was seen. Names of
// scenarios as arguments choose among them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as scenarios from './scenarios.mjs';

const full = {
  silentConnections: { connections: 500, deadlineMs: 20_000 },
  inflatingMessage: { inflatedBytes: 200_000_000 },
  endlessFragments: { fragments: 1_000_000 },
  slowCalls: { calls: 10_000 },
  flood: { perSecond: 10_000, seconds: 5 },
  slowReaders: { slow: 100, healthy: 100, messages: 5_000, messageBytes: 10_000, bytesPerSecond: 10_000_000 },
};
const small = {
  ...full,
  silentConnections: { connections: 25, deadlineMs: 20_000 },
  slowCalls: { calls: 1_000 },
  flood: { perSecond: 10_000, seconds: 1 },
  slowReaders: { slow: 10, healthy: 5, messages: 1_000, messageBytes: 10_000, bytesPerSecond: 10_000_000 },
};

const program = fileURLToPath(new URL('./server.mjs', import.meta.url));
const server = spawn(process.execPath, ['--expose-gc', program], { stdio: ['ignore', 'pipe', 'inherit'] });
const [ready] = await once(server.stdout, 'data');
const { port } = JSON.parse(String(ready).replace('READY ', ''));

async function tell(name, parameters = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    body: JSON.stringify([name, parameters]),
  });
  return response.json();
}

try {
  const wanted = process.argv.slice(2).filter((one) => one !== '--small');
  const sizes = process.argv.includes('--small') ? small : full;
  for (const [name, size] of Object.entries(sizes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(JSON.stringify({ name, size, seen: await scenarios[name]({ port, tell }, size) }));
  }
  let left;
  do left = await tell('report');
  while (left.clients + left.connecting > 0);
  console.log(JSON.stringify({ name: 'left', seen: { isAlive: server.exitCode === null, rss: left.rss } }));
} finally {
  server.kill();
}
