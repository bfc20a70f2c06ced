import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, rawSocket, requiredTool, tempDir, waitFor } from 'sc-testkit';
import { controller, startCluster } from './support.js';

/** TEST_RELOADS=10 TEST_SOCKETS=500 is the size that a deployment has to bear. */
const reloads = Number(process.env['TEST_RELOADS'] ?? 2);
const openSockets = Number(process.env['TEST_SOCKETS'] ?? 50);

const cleanup = createCleanup();
afterEach(() => cleanup.run());

interface Proxy {
  readonly name: string;
  readonly arguments: (file: string, folder: string) => readonly string[];
  readonly configuration: (port: number, target: number, folder: string) => string;
}

const nginx: Proxy = {
  name: 'nginx',
  arguments: (file, folder) => ['-c', file, '-p', folder, '-g', 'daemon off;'],
  configuration: (port, target, folder) => `
worker_processes 1;
error_log ${folder}/error.log;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream app { server 127.0.0.1:${target}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }
  }
}`,
};

const haproxy: Proxy = {
  name: 'haproxy',
  arguments: (file) => ['-db', '-f', file],
  configuration: (port, target) => `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
frontend in
  bind 127.0.0.1:${port}
  default_backend app
backend app
  http-reuse always
  server app 127.0.0.1:${target}
`,
};

async function startProxy(proxy: Proxy, program: string, target: number): Promise<number> {
  const folder = cleanup.add(tempDir(), (one) => one.remove()).path;
  const port = await freePort();
  const file = join(folder, 'proxy.conf');
  writeFileSync(file, proxy.configuration(port, target, folder));
  const child: ChildProcess = spawn(program, proxy.arguments(file, folder), { stdio: 'ignore' });
  const exited = once(child, 'exit');
  cleanup.add(child, async () => {
    child.kill('SIGTERM');
    await exited;
  });
  await waitFor(() => canConnect(port), { what: `${proxy.name} to listen` });
  return port;
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Visitors who keep their connections and ask again and again, by GET and POST. */
function startVisitors(
  port: number,
  count: number,
): { failures: string[]; answered: () => number; stop(): Promise<void> } {
  const agent = cleanup.add(new Agent({ keepAlive: true }), (one) => one.destroy());
  const failures: string[] = [];
  let answers = 0;
  let isOver = false;
  const ask = (method: string): Promise<void> =>
    new Promise((resolve) => {
      const fail = (what: string) => {
        failures.push(`${method} ${what}`);
        resolve();
      };
      const one = request({ port, host: '127.0.0.1', agent, method, path: '/' }, (response) => {
        response.resume().on('error', (error) => fail(error.message));
        response.on('end', () => {
          if (response.statusCode !== 200) fail(String(response.statusCode));
          else answers++;
          resolve();
        });
      });
      one.on('error', (error) => fail(error.message));
      one.end(method === 'POST' ? 'body' : undefined);
    });
  const all = Array.from({ length: count }, async (_, i) => {
    while (!isOver) await ask(i % 2 === 0 ? 'GET' : 'POST');
  });
  return {
    failures,
    answered: () => answers,
    async stop() {
      isOver = true;
      await Promise.all(all);
    },
  };
}

describe.each([
  { name: 'nginx', proxy: nginx, balancers: 0 },
  { name: 'nginx', proxy: nginx, balancers: 2 },
  { name: 'haproxy', proxy: haproxy, balancers: 0 },
  { name: 'haproxy', proxy: haproxy, balancers: 2 },
])('Behind $name with kept connections and $balancers balancers', ({ proxy, balancers }) => {
  const program = requiredTool(proxy.name, { for: `reloads behind ${proxy.name}` });

  (program === undefined ? it.skip : it)(
    'reloads break no request and refuse no connection',
    async () => {
      const server = await startCluster({ workerController: controller('page.cjs'), balancers });
      cleanup.add(server.cluster, (one) => one.close());
      const port = await startProxy(proxy, program ?? '', server.port);
      const sockets = await Promise.all(
        Array.from({ length: openSockets }, () => rawSocket(`ws://127.0.0.1:${port}/socketcluster/`)),
      );
      const visitors = startVisitors(port, 16);
      for (let i = 0; i < reloads; i++) {
        const before = visitors.answered();
        await waitFor(() => visitors.answered() > before + 100, { what: 'requests to be answered' });
        await server.cluster.reload();
      }
      await visitors.stop();
      expect(visitors.failures).toEqual([]);
      expect(sockets).toHaveLength(openSockets);
    },
    120_000 + reloads * 20_000,
  );
});
