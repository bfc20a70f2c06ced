import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient } from '../src/index.js';
import { version } from '../src/version.js';
import { commandCodes } from './helpers/command-codes.js';
import { FrameWriter } from '../src/wire/frame-writer.js';
import { wireVersion } from '../src/wire/frame.js';
import { greetingBytes, loginHead, loginResultBytes } from '../src/wire/login.js';
import { runBinary, runStore } from './helpers/store-process.js';
import type { RunOptions, StoreProcess } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const closers: (() => unknown)[] = [];
const secret = '0123456789abcdef0123456789abcdef';

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

async function store(args: readonly string[], options?: RunOptions): Promise<StoreProcess> {
  const running = await runStore(args, options);
  closers.push(async () => {
    running.child.kill('SIGKILL');
    await running.exited;
  });
  return running;
}

function portOf(running: StoreProcess): number {
  return Number(/:(\d+)\n/.exec(running.stdout())![1]);
}

function own(client: NdataClient): NdataClient {
  client.on('error', () => undefined);
  closers.push(() => client.close());
  return client;
}

function writeController(code: string): string {
  const path = join(folders.make(), 'controller.cjs');
  writeFileSync(path, code);
  return path;
}

/** The port of somebody else. */
async function takenPort(): Promise<string> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => other.close(resolve)));
  return String((other.address() as AddressInfo).port);
}

/** A client that asks for a key and reads nothing any more from where its answer begins. */
async function askWithoutReading(socketPath: string, key: string): Promise<void> {
  const socket = connect(socketPath);
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  socket.write(Buffer.concat([loginHead(wireVersion, 0, Buffer.alloc(32)), Buffer.alloc(32)]));
  const writer = new FrameWriter();
  writer.begin(commandCodes.get, 1);
  writer.head([key], undefined);
  writer.end();
  let received = 0;
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      const wasIn = received >= greetingBytes + loginResultBytes;
      received += chunk.length;
      if (!wasIn && received >= greetingBytes + loginResultBytes) writer.flush(socket);
      if (received <= greetingBytes + loginResultBytes) return;
      socket.pause();
      resolve();
    });
  });
}

describe('the binary', () => {
  it('says when it listens, keeps the secret off its command line, and ends on SIGTERM', async () => {
    const folder = folders.make();
    const file = join(folder, 'secret');
    writeFileSync(file, `${secret}\n`);
    const persist = join(folder, 'data');
    const first = await store(['--port', '0', '--secret-file', file, '--persist', persist]);
    expect(first.stdout()).toMatch(/^ndata-store listens on 127\.0\.0\.1:\d+\n$/);
    const port = portOf(first);
    expect(readFileSync(`/proc/${first.child.pid!}/cmdline`, 'latin1')).not.toContain(secret);
    const client = own(new NdataClient({ port, secret, reconnectDelayMs: 5 }));
    await client.set('k', 'kept');
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = await store(['--port', String(port), '--persist', persist], {
      environment: { NDATA_SECRET: secret },
    });
    expect(second.stderr()).toContain('recovered');
    expect(await client.get('k')).toBe('kept');
  });

  it('runs a controller, which does not get the secret, warns of functions, and ends on SIGINT', async () => {
    const controller = writeController(
      `exports.run = (store) => {
        store.defineProcedure('add', ({ a, b }) => a + b);
        store.defineProcedure('has', (text) => Object.values(process.env).includes(text));
      };`,
    );
    const running = await store(['--port', '0', '--controller', controller, '--unsafe-query-functions'], {
      environment: { NDATA_SECRET: secret },
    });
    expect(running.stderr()).toMatch(/^ndata-store: warning: this store runs functions sent by clients/);
    const client = own(new NdataClient({ port: portOf(running), secret }));
    expect(await client.invoke('add', { a: 2, b: 3 })).toBe(5);
    expect(await client.invoke('has', process.env['PATH'])).toBe(true);
    expect(await client.invoke('has', secret)).toBe(false);
    running.child.kill('SIGINT');
    expect(await running.exited).toBe(0);
  });

  it('does not wait any longer when it is told to end a second time', async () => {
    const socketPath = folders.socketPath();
    // The second signal comes as soon as the first was heard, and while a client is waited for that takes nothing.
    const controller = writeController(
      `exports.run = () => process.once('SIGTERM', () => process.kill(process.pid, 'SIGTERM'));`,
    );
    const running = await store(['--socket', socketPath, '--controller', controller]);
    await own(new NdataClient({ socketPath })).set('large', 'x'.repeat(8 * 1024 * 1024));
    await askWithoutReading(socketPath, 'large');
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(1);
  });

  // All of them at once: it is many processes for a busy machine.
  it('says what is wrong and ends with its exit code', async () => {
    const persist = join(folders.make(), 'data');
    const noRun = writeController(`exports.walk = () => undefined;`);
    const throwing = writeController(`exports.run = () => { throw new Error('no such luck'); };`);
    const rejecting = writeController(`exports.run = async () => { throw new Error('no luck later'); };`);
    const cases: [args: string[], code: number, text: string, environment?: NodeJS.ProcessEnv][] = [
      [['--help'], 0, 'Usage: ndata-store'],
      [['--version'], 0, version],
      [['--prot', '1'], 2, '--prot'],
      [['9435'], 2, '9435'],
      [['--port', 'x'], 2, '--port must be a whole number, got x'],
      [['--host', '0.0.0.0'], 2, '`host`'],
      [['--secret-file', '/none'], 2, '--secret-file cannot be read'],
      [['--port', '0'], 2, '`secret` must be a text of at least 32 bytes', { NDATA_SECRET: 'short' }],
      [['--tls-cert', '/none'], 2, '--tls-cert and --tls-key must be given together'],
      [['--fsync', 'always'], 2, '--fsync needs --persist'],
      [['--compact-bytes', '1000'], 2, '--compact-bytes needs --persist'],
      [['--port', '0', '--persist', persist, '--fsync', 'sometimes'], 2, 'sometimes'],
      [['--port', '0', '--controller', '/none.js'], 1, 'The controller cannot be loaded'],
      [['--port', '0', '--controller', noRun], 1, 'must export a function `run`'],
      [['--port', '0', '--controller', throwing], 1, 'no such luck'],
      [['--port', '0', '--controller', rejecting], 1, 'no luck later'],
      [['--socket', '/dev/null'], 1, '/dev/null is no socket'],
      [['--port', await takenPort()], 1, 'EADDRINUSE'],
    ];
    const outcomes = await Promise.all(
      cases.map(async ([args, , , environment = {}]) => {
        const run = runBinary(args, { environment });
        closers.push(() => run.child.kill('SIGKILL'));
        return { args, code: await run.exited, text: run.stdout() + run.stderr() };
      }),
    );
    expect(outcomes).toEqual(cases.map(([args, code, text]) => ({ args, code, text: expect.stringContaining(text) })));
    expect(outcomes.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/short|\n {4}at /));
  }, 60_000);

  it('has the version of its package', () => {
    const text = readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8');
    expect((JSON.parse(text) as { version: string }).version).toBe(version);
  });
});
