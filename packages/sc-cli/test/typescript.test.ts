import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, startProcess, tempDir } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const tsx = dirname(createRequire(import.meta.url).resolve('tsx/package.json'));
const appName = `typed-${process.pid}`;
const cleanup = createCleanup();
let cwd: string;
/** Where else a tsx could come from: who runs these tests may have told Node. */
const env = { NODE_PATH: undefined };

beforeEach(() => {
  cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  write('package.json', '{"type":"module"}');
  write('worker.ts', workerText('one'));
});
afterEach(() => cleanup.run());

const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

/** The app has tsx, as `npm install -D tsx` would leave it. */
function installTsx() {
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(tsx, join(cwd, 'node_modules', 'tsx'));
}

/** With an enum: what Node itself cannot run by leaving types out. */
function workerText(answer: string): string {
  return `enum Version { Now = '${answer}' }
  interface Input { scServer: { on(event: 'connection', handler: (socket: any) => void): void } }
  export function run({ scServer }: Input): void {
    scServer.on('connection', (socket) => socket.handle('version', (): Version => Version.Now));
  }`;
}

const configText = `
  const workers: number = 1;
  export default { appName: '${appName}', workerController: './worker.ts', workers, port: 0 } satisfies object;`;

async function cli(...args: readonly string[]) {
  const { code, stdout, stderr } = await runProcess(main, { args, cwd, env });
  return { code, stdout, stderr };
}

/** Starts a cluster, asks its worker, and ends it. */
async function expectToServe(...args: readonly string[]) {
  const started = cleanup.add(
    await startProcess(main, { args: ['start', ...args], cwd, env, readyLine: /^Open http:\S+$/m }),
    (one) => one.stop(),
  );
  const port = /^Open http:\/\/localhost:(\d+)$/m.exec(started.output())?.[1] ?? '';
  const ask = async () => (await cli('invoke', 'version', '--url', `ws://localhost:${port}/socketcluster/`)).stdout;
  expect(await ask()).toBe('one\n');
  write('worker.ts', workerText('two'));
  await expect(cli('reload', '--app', appName)).resolves.toMatchObject({ code: 0 });
  expect(await ask()).toBe('two\n');
  started.kill('SIGTERM');
  await expect(started.exited).resolves.toMatchObject({ code: 0 });
}

describe('an app in TypeScript', () => {
  it('starts from sc.config.ts, and every command reads that', async () => {
    installTsx();
    write('sc.config.ts', configText);
    await expect(cli('config', 'check')).resolves.toEqual({
      code: 0,
      stdout: `The configuration is right: ${join(cwd, 'sc.config.ts')}.\n`,
      stderr: '',
    });
    expect(JSON.parse((await cli('config', 'show', '--json')).stdout)).toMatchObject({
      appName,
      workers: 1,
      workerController: join(cwd, 'worker.ts'),
    });
    await expect(cli('doctor')).resolves.toMatchObject({ code: 0 });
    await expectToServe();
  }, 120_000);

  it('starts a worker in TypeScript that a configuration in JavaScript names', async () => {
    installTsx();
    write(
      'sc.config.js',
      `export default { appName: '${appName}', workerController: './worker.ts', workers: 1, port: 0 };`,
    );
    await expectToServe();
  }, 120_000);

  it('says what is wrong in sc.config.ts', async () => {
    installTsx();
    write('sc.config.ts', `export default { workerController: './worker.ts', ports: 8000 as number };`);
    const { code, stderr } = await cli('config', 'check');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('did you mean `port`?') });
    write('sc.config.ts', `export default { workerController: ./worker.ts };`);
    expect(await cli('start')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: The configuration .*sc\.config\.ts cannot be read: /),
    });
  }, 120_000);

  const runsTypes = 'typescript' in process.features && process.features.typescript !== false;
  (runsTypes ? it.skip : it)(
    'says what is missing where neither tsx nor Node runs it',
    async () => {
      write('sc.config.ts', configText);
      const hint = 'error: This version of Node does not run TypeScript. Install tsx in the app: npm install -D tsx\n';
      await expect(cli('start')).resolves.toEqual({ code: 1, stdout: '', stderr: hint });
      await expect(cli('config', 'check')).resolves.toEqual({ code: 1, stdout: '', stderr: hint });
    },
    120_000,
  );
});
