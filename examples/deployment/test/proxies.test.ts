import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, freePort, requiredTool, startProcess, tempDir, waitFor } from 'sc-testkit';
import { startApp, withPorts, type App } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

let app: App;
let directory: string;
beforeAll(async () => {
  directory = cleanup.add(tempDir(), (created) => created.remove()).path;
  app = cleanup.add(await startApp(), (started) => started.stop());
});

async function startNginx(port: number): Promise<void> {
  const site = withPorts('nginx.conf', directory, {
    '127.0.0.1:8000': `127.0.0.1:${app.port}`,
    'listen 80': `listen ${port}`,
  });
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  const config = join(directory, 'main.conf');
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${directory}/nginx.pid; error_log stderr;
     events {} http { access_log off; ${temp.join(' ')} include ${site}; }`,
  );
  const running = await startProcess('-c', { program: 'nginx', args: [config], readyLine: /^/ });
  cleanup.add(running, (started) => started.stop());
}

async function startHaproxy(port: number): Promise<void> {
  const config = withPorts('haproxy.cfg', directory, {
    '127.0.0.1:8000': `127.0.0.1:${app.port}`,
    'port 9000': `port ${app.healthPort}`,
    'bind :80': `bind :${port}`,
  });
  const running = await startProcess('-f', { program: 'haproxy', args: [config], readyLine: /^/ });
  cleanup.add(running, (started) => started.stop());
}

/** A non-loopback address of this machine if there is one, to tell the proxy from the client. */
const address =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';

describe.each([
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
])('%s in front of the app', (program, start) => {
  const isPossible = requiredTool(program, { for: `${program} in front` }) !== undefined;
  (isPossible ? it : it.skip)('lets HTTP and sockets through, and the app sees where clients come from', async () => {
    const port = await freePort();
    await start(port);
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 200, {
      what: `an answer through ${program}`,
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('Hello over HTTP\n');
    const socket = cleanup.add(connect({ hostname: address, port }), (opened) => opened.disconnect());
    await expect(socket.invoke('address', undefined)).resolves.toBe(address);
  });
});
