import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, startProcess, tempDir, waitFor, type StartedProcess } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const cleanup = createCleanup();
const appName = `cli-${process.pid}`;
let cwd: string;
let port: number;
let cluster: StartedProcess;

beforeAll(async () => {
  cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
  writeFileSync(join(cwd, 'worker.js'), workerText('one'));
  writeFileSync(
    join(cwd, 'sc.config.js'),
    `export default { appName: '${appName}', workerController: './worker.js', workers: 1, port: 1 };`,
  );
  writeFileSync(join(cwd, 'key'), (await cli(['token', 'generate-key'])).stdout);
  cluster = cleanup.add(
    await startProcess(main, {
      cwd,
      args: ['start', '--port', '0', '--auth-key-file', 'key'],
      readyLine: /^Open http:\/\/localhost:\d+$/m,
    }),
    (started) => started.stop(),
  );
  port = portIn(cluster.output());
}, 60_000);
afterAll(() => cleanup.run());

/** The last one that was told. */
function portIn(output: string): number {
  return Number(/[^]*http:\/\/localhost:(\d+)/.exec(output)?.[1]);
}

function workerText(answer: string): string {
  return `export function run({ scServer }) {
    scServer.on('connection', (socket) => {
      socket.handle('version', () => '${answer}');
      socket.handle('me', () => socket.authToken);
      socket.handle('fail', () => { throw new Error('no such luck'); });
      socket.on('note', (data) => scServer.exchange.publish('notes', data));
    });
  }`;
}

async function cli(args: readonly string[], env: Record<string, string | undefined> = {}) {
  const url = `ws://localhost:${port}/socketcluster/`;
  const { code, stdout, stderr } = await runProcess(main, { args, cwd, env: { SC_URL: url, ...env } });
  return { code, stdout, stderr };
}

async function subscribed(args: readonly string[]): Promise<StartedProcess> {
  const url = `ws://localhost:${port}/socketcluster/`;
  const started = await startProcess(main, {
    args: ['sub', ...args],
    cwd,
    env: { SC_URL: url },
    readyLine: /^Subscribed/m,
  });
  return cleanup.add(started, (one) => one.stop());
}

describe('the commands, into a pipe', () => {
  it('start takes flags over the configuration', () => {
    expect(cluster.output()).toContain(`Open http://localhost:${port}\n`);
    expect(cluster.output()).not.toContain('No authKey was given');
  });

  it('invoke prints the result', async () => {
    await expect(cli(['invoke', 'version'])).resolves.toEqual({ code: 0, stdout: 'one\n', stderr: '' });
    await expect(cli(['invoke', 'version', '--json'])).resolves.toMatchObject({ stdout: '"one"\n' });
  });

  it('invoke ends with 1 and the error of the server when the procedure fails', async () => {
    const { code, stdout, stderr } = await cli(['invoke', 'fail']);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: 'error: no such luck\n' });
  });

  it('comes with a token that it has signed', async () => {
    const token = (await cli(['token', 'sign', '{"username":"ada"}', '--key-file', 'key'])).stdout.trim();
    const { stdout } = await cli(['invoke', 'me', '--token', token]);
    expect(JSON.parse(stdout)).toMatchObject({ username: 'ada' });
    const verified = await cli(['token', 'verify', token, '--key-file', 'key', '--json']);
    expect(JSON.parse(verified.stdout)).toMatchObject({ username: 'ada', exp: expect.any(Number) });
    const forged = await cli(['invoke', 'me', '--token', `${token}x`]);
    expect(forged).toMatchObject({ code: 1, stdout: '' });
  });

  it('sub prints what pub publishes', async () => {
    const sub = await subscribed(['news', '--count', '2']);
    await expect(cli(['pub', 'news', '{"a":1}'])).resolves.toMatchObject({ code: 0, stdout: 'Published to news.\n' });
    await expect(cli(['pub', 'news', 'plain text'])).resolves.toMatchObject({ code: 0 });
    await expect(sub.exited).resolves.toMatchObject({ code: 0 });
    expect(sub.output()).toContain('{"a":1}\n"plain text"\n');
  });

  it('emit reaches the server', async () => {
    const sub = await subscribed(['notes', '--count', '1', '--json']);
    await expect(cli(['emit', 'note', '7'])).resolves.toMatchObject({ code: 0 });
    await sub.exited;
    expect(sub.output()).toContain('{"channel":"notes","data":7}\n');
  });

  it('says that a server is not there', async () => {
    // A port that nobody may listen on without being root, and nobody does.
    const { code, stderr } = await cli(['pub', 'a', 'b', '--url', 'ws://localhost:1/']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: The server at ws:\/\/localhost:1\/ cannot be used: /);
  });

  it('status and top show the cluster', async () => {
    const status = await cli(['status', '--app', appName, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject([{ appName, port, state: 'running', workers: [{ id: 0 }] }]);
    expect((await cli(['status', '--app', appName])).stdout).toMatch(
      /is running on http[^]* in\/s +out\/s [^]*worker 0 {2}/,
    );
    expect(JSON.parse((await cli(['top', '--app', appName, '--json'])).stdout)).toMatchObject({ appName });
  });

  it('reload brings fresh code', async () => {
    writeFileSync(join(cwd, 'worker.js'), workerText('two'));
    await expect(cli(['reload', '--app', appName])).resolves.toEqual({
      code: 0,
      stdout: `${appName} runs fresh code.\n`,
      stderr: '',
    });
    await expect(cli(['invoke', 'version'])).resolves.toMatchObject({ stdout: 'two\n' });
  });

  it('bench measures it', async () => {
    const { code, stdout } = await cli(['bench', '--clients', '5', '--rate', '10', '--duration', '1', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ clients: 5, published: 10, refused: 0, delivered: 50, expected: 50 });
  });

  it('config says what holds and where it comes from', async () => {
    const { stdout } = await cli(['config', 'show', '--origin', '--json'], {
      SC_WORKERS: '3',
      SC_AUTH_KEY_FILE: 'key',
    });
    expect(JSON.parse(stdout)).toMatchObject({
      appName: { value: appName, origin: 'file', detail: join(cwd, 'sc.config.js') },
      workers: { value: 3, origin: 'environment', detail: 'SC_WORKERS' },
      authKey: { value: '[secret]', origin: 'environment' },
      pingTimeout: { value: 20_000, origin: 'default' },
    });
    await expect(cli(['config', 'check'])).resolves.toMatchObject({ code: 0 });
    const env = JSON.parse((await cli(['config', 'env', '--json'])).stdout) as { name: string }[];
    expect(env.map(({ name }) => name)).toEqual(expect.arrayContaining(['SC_PORT', 'PORT', 'SC_AUTH_KEY_FILE']));
  });

  it('doctor ends with 1 when something will go wrong', async () => {
    const other = cleanup.add(createServer().listen(0), (server) => server.close());
    await once(other, 'listening');
    const { port: taken } = other.address() as AddressInfo;
    const { code, stdout } = await cli(['doctor', '--port', String(taken), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual({ name: 'port', state: 'failure', message: `${taken} is in use` });
    const fine = await cli(['doctor', '--port', '0'], { NODE_ENV: 'production' });
    expect(fine).toMatchObject({ code: 0, stdout: expect.stringContaining('ok      node: version') });
  });

  it('doctor knows the port of a cluster that runs already', async () => {
    const { code, stdout } = await cli(['doctor', '--port', String(port), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual({
      name: 'port',
      state: 'ok',
      message: `${port} is in use by ${appName} (${cluster.pid}), which runs already`,
    });
  });

  it('cert makes a key and a certificate that fit, and replaces nothing by itself', async () => {
    await expect(cli(['cert', 'example.test', '10.0.0.1', '--out', 'certs'])).resolves.toMatchObject({ code: 0 });
    const cert = new X509Certificate(readFileSync(join(cwd, 'certs', 'cert.pem')));
    const key = createPrivateKey(readFileSync(join(cwd, 'certs', 'key.pem')));
    expect(cert.checkPrivateKey(key)).toBe(true);
    expect(cert.verify(cert.publicKey)).toBe(true);
    expect([cert.checkHost('example.test'), cert.checkIP('10.0.0.1'), cert.ca]).toEqual([
      'example.test',
      '10.0.0.1',
      false,
    ]);
    expect(statSync(join(cwd, 'certs', 'key.pem')).mode & 0o777).toBe(0o600);
    await expect(cli(['cert', '--out', 'certs'])).resolves.toMatchObject({ code: 1 });
  });

  it('completion makes scripts that their shells can read', async () => {
    const bash = await cli(['completion', 'bash']);
    const script = `${bash.stdout}\nCOMP_WORDS=(sc token si) COMP_CWORD=2; _sc_complete; echo "\${COMPREPLY[*]}"`;
    const done = await runProcess('-c', { program: 'bash', args: [script] });
    expect(done).toMatchObject({ code: 0, stdout: 'sign\n' });
    expect((await cli(['completion', 'fish'])).stdout).toContain("complete -c sc -n '__fish_use_subcommand' -a status");
    expect((await cli(['completion', 'zsh'])).stdout).toContain('bashcompinit');
  });

  it('store runs the store, with its exit code', async () => {
    const wrong = await cli(['store', '--port', 'x']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--port must be a whole number') });
    const store = await startProcess(main, { args: ['store', '--port', '0'], cwd, readyLine: /^ndata-store listens/m });
    store.kill('SIGTERM');
    await expect(store.exited).resolves.toMatchObject({ code: 0 });
  });

  it('dev reloads the workers when a file changes', async () => {
    const app = `${appName}-dev`;
    const dev = await startProcess(main, {
      args: ['dev', '--port', '0', '--app-name', app],
      cwd,
      readyLine: /^ready http/m,
    });
    cleanup.add(dev, (started) => started.stop());
    writeFileSync(join(cwd, 'worker.js'), workerText('three'));
    await dev.outputMatch(/Reload complete/, { deadlineMs: 40_000 });
    await expect(
      cli(['invoke', 'version'], { SC_URL: `ws://localhost:${portIn(dev.output())}/socketcluster/` }),
    ).resolves.toMatchObject({
      stdout: 'three\n',
    });
    writeFileSync(join(cwd, 'sc.config.js'), readFileSync(join(cwd, 'sc.config.js')));
    await waitFor(() => (dev.output().match(/^ready http/gm) ?? []).length === 2, {
      deadlineMs: 40_000,
      what: () => dev.output(),
    });
    dev.kill('SIGTERM');
    await expect(dev.exited).resolves.toMatchObject({ code: 0 });
    expect((await cli(['status', '--app', app])).code).toBe(1);
  }, 120_000);

  it('stop ends it, and then there is nothing to stop', async () => {
    await expect(cli(['stop', '--app', appName])).resolves.toMatchObject({
      code: 0,
      stdout: `${appName} has ended.\n`,
    });
    await expect(cluster.exited).resolves.toMatchObject({ code: 0 });
    const again = await cli(['stop', '--app', appName]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('No cluster like that of this user runs') });
  });
});
