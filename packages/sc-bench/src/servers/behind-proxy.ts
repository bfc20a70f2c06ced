import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { haproxyConfig, nginxConfig, type ProxyConfig } from './proxy-configs.js';
import { announceReady } from './ready.js';

// A server on a Unix socket behind nginx or HAProxy, which terminates TLS. All processes are children of this one, so
// that the benchmark measures the whole process tree.
const { SC_BENCH_TLS: certificates = '', SC_BENCH_PROXY: proxy = 'nginx', SC_BENCH_BEHIND: behind = '' } = process.env;

const directory = join(certificates, String(process.pid));
const config: ProxyConfig = {
  directory,
  port: await freePort(),
  socketPath: `${directory}.sock`,
  keyFile: join(certificates, 'key.pem'),
  certificateFile: join(certificates, 'cert.pem'),
  bundleFile: `${directory}.pem`,
};
writeFileSync(
  config.bundleFile,
  Buffer.concat([config.certificateFile, config.keyFile].map((file) => readFileSync(file))),
);

const plain: NodeJS.ProcessEnv = { ...process.env, SC_BENCH_SOCKET: config.socketPath };
// The proxy terminates TLS, so the server does not use it.
delete plain['SC_BENCH_TLS'];
const server = fork(fileURLToPath(new URL(behind, import.meta.url)), { env: plain });
await once(server, 'message');

const configFile = `${directory}.conf`;
writeFileSync(configFile, proxy === 'nginx' ? nginxConfig(config) : haproxyConfig(config));
const front = startProxy();
front.once('exit', (code) => process.exit(code ?? 1));
await untilItAccepts(config.port);

process.on('message', () => server.send({ collect: true }));
announceReady([config.port], async () => {
  front.removeAllListeners('exit');
  const ends = [once(front, 'exit'), once(server, 'exit')];
  front.kill('SIGTERM');
  server.disconnect();
  await Promise.all(ends);
});

function startProxy(): ChildProcess {
  const parameters = proxy === 'nginx' ? ['-c', configFile, '-e', 'stderr'] : ['-db', '-f', configFile];
  const child = spawn(proxy, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', (cause) => {
    throw new Error(`${proxy} cannot be started (apt-get install ${proxy}): ${cause.message}`, { cause });
  });
  return child;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilItAccepts(port: number): Promise<void> {
  for (;;) {
    const probe = connect(port, '127.0.0.1');
    const isUp = await Promise.race([
      once(probe, 'connect').then(() => true),
      once(probe, 'close').then(() => false),
    ]).catch(() => false);
    probe.destroy();
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
