import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { connect } from 'sc-client';
import { createCleanup, freePort, runProcess, startProcess, tempDir } from 'sc-testkit';
import { readDockerfile } from './dockerfile.js';
import { entries, installIn, lendTypes, nodeVersions, npm, packed, programOf } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

const identifier = (index: number) => `entry${index}`;
/** Entries that browsers may load. */
const browserEntries = entries.filter((entry) => /^(sc-protocol|sc-channel|sc-client|sc-react)/.test(entry));

describe.each(nodeVersions)('installed in an empty project with scripts off, on Node %s', (node) => {
  let directory: string;
  const run = (args: readonly string[]) => npm(['exec', '--', ...args], directory, node);

  beforeAll(async () => {
    directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    await installIn(
      directory,
      packed.map(({ manifest }) => manifest.name),
      node,
    );
  }, 240_000);

  it('every entry loads as ES module and as CommonJS, and exports the same names', async () => {
    const script = `import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      const names = (module) => Object.keys(module).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
      const loaded = [];
      for (const entry of ${JSON.stringify(entries)}) {
        const [imported, required] = [names(await import(entry)), names(require(entry))];
        loaded.push([entry, imported.length > 0, imported.join() === required.join()]);
      }
      console.log(JSON.stringify({ node: process.versions.node.split('.')[0], loaded }));`;
    writeFileSync(join(directory, 'load.mjs'), script);
    const { stdout, stderr } = await run(['node', 'load.mjs']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      node: node === 'current' ? process.versions.node.split('.')[0] : node,
      loaded: entries.map((entry) => [entry, true, true]),
    });
  }, 120_000);

  it('every program says its version', async () => {
    const programs = packed.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}));
    expect(programs.length).toBeGreaterThan(0);
    for (const program of programs) {
      const { code, stdout } = await run([program, '--version']);
      expect({ program, code, stdout }).toEqual({
        program,
        code: 0,
        stdout: expect.stringMatching(/\d+\.\d+\.\d+\n$/),
      });
    }
  }, 120_000);

  it('an app is made, starts, and answers a client', async () => {
    const made = await run(['sc-cli', 'create', 'app', '--yes']);
    expect({ code: made.code, stderr: made.code === 0 ? '' : made.stderr }).toEqual({ code: 0, stderr: '' });
    const port = await freePort();
    const app = join(directory, 'app');
    const other = ['exec', '--yes', `--package=node@${node}`, '--', 'node', 'server.js'];
    const server = await startProcess(node === 'current' ? join(app, 'server.js') : 'npm', {
      ...(node !== 'current' && { program: '/usr/bin/env', args: other }),
      cwd: app,
      env: { PORT: String(port), NODE_OPTIONS: undefined },
      readyLine: /^Open http/m,
    });
    cleanup.add(server, (started) => started.stop());
    const socket = cleanup.add(connect({ port }), (opened) => opened.disconnect());
    await expect(socket.invoke('hello', 'Ada')).resolves.toMatch(/^Hello Ada, this is worker \d+$/);
  }, 240_000);
});

describe('for those who compile', () => {
  let directory: string;
  beforeAll(async () => {
    directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    await installIn(
      directory,
      packed.map(({ manifest }) => manifest.name),
    );
    lendTypes(directory);
  }, 240_000);

  const imports = entries.map((entry, index) => `import * as ${identifier(index)} from '${entry}';`).join('\n');
  const uses = `console.log(${entries.map((_, index) => `Object.keys(${identifier(index)}).length`).join(' + ')} > 0);`;

  it.each([
    ['node16', 'node16', ['index.mts', 'index.cts']],
    ['nodenext', 'nodenext', ['index.mts', 'index.cts']],
    ['esnext', 'bundler', ['index.ts']],
  ])(
    'TypeScript with module %s and moduleResolution %s takes every entry in %j',
    async (module, moduleResolution, files) => {
      for (const file of files) writeFileSync(join(directory, file), `${imports}\n${uses}\n`);
      const flags = ['--strict', '--noEmit', '--target', 'es2022', '--types', 'node', '--lib', 'es2023,dom'];
      const args = [...flags, '--module', module, '--moduleResolution', moduleResolution, ...files];
      const tsc = programOf('typescript', 'bin/tsc');
      const { code, stdout } = await runProcess(tsc, { args, cwd: directory, deadlineMs: 170_000 });
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    },
    180_000,
  );

  it.each([
    ['5.4', 'typescript-5.4'],
    ['5.9', 'typescript'],
  ])(
    'TypeScript %s knows what client and server of one application say to each other',
    async (_version, compiler) => {
      copyFileSync(new URL('typed-app.mts', import.meta.url), join(directory, 'typed-app.mts'));
      const flags = '--strict --noEmit --target es2022 --types node --lib es2022,dom --module nodenext'.split(' ');
      const { code, stdout } = await runProcess(programOf(compiler, 'bin/tsc'), {
        args: [...flags, 'typed-app.mts'],
        cwd: directory,
        deadlineMs: 170_000,
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    },
    180_000,
  );

  it('a bundler makes one file of every entry, which runs', async () => {
    const outfile = join(directory, 'bundle.mjs');
    writeFileSync(join(directory, 'bundled.mjs'), `${imports}\n${uses}\n`);
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    const { warnings } = await build({
      absWorkingDir: directory,
      entryPoints: ['bundled.mjs'],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: banner },
      logLevel: 'silent',
    });
    expect(warnings.map(({ text }) => text)).toEqual([]);
    expect((await runProcess(outfile, { cwd: directory })).stdout).toBe('true\n');
  }, 60_000);

  it('a bundler for browsers finds nothing of Node in what browsers load', async () => {
    const { metafile } = await build({
      absWorkingDir: directory,
      stdin: { contents: browserEntries.map((entry) => `export * from '${entry}';`).join('\n'), resolveDir: directory },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /^node:|node_modules\/ws\//.test(path))).toEqual([]);
    expect(inputs.some((path) => path.includes('sc-client/dist'))).toBe(true);
  }, 60_000);

  it('the commands of the Dockerfile make an app that runs and is healthy', async () => {
    const { copied, run, env, health, command } = readDockerfile();
    expect({ copied, run, command }).toEqual({
      copied: ['package.json', 'package-lock.json'],
      run: ['npm ci --omit=dev --ignore-scripts'],
      command: ['node', 'server.js'],
    });
    const made = await npm(['exec', '--', 'sc-cli', 'create', 'app', '--yes'], directory);
    expect({ code: made.code, stderr: made.code === 0 ? '' : made.stderr }).toEqual({ code: 0, stderr: '' });
    const [app, image] = [join(directory, 'app'), join(directory, 'image')];
    mkdirSync(image);
    for (const file of copied) copyFileSync(join(app, file), join(image, file));
    expect(await npm(['ci', '--omit=dev', '--ignore-scripts'], image)).toMatchObject({ code: 0 });
    // As .dockerignore says.
    cpSync(app, image, {
      recursive: true,
      filter: (path) => !/[\\/](node_modules|test)([\\/]|$)/.test(path.slice(app.length)),
    });

    // A place of this test's own, for the program and for the one that asks it.
    const control = { SC_CONTROL_PATH: join(directory, 'control.sock') };
    const server = cleanup.add(
      await startProcess(join(image, 'server.js'), {
        cwd: image,
        env: { ...env, ...control, PORT: '0', SC_HEALTH_PORT: '0', NODE_OPTIONS: undefined },
        readyLine: /^Open http/m,
      }),
      (started) => started.stop(),
    );
    const ask = ['exec', '--', 'sc-cli', 'status', '--json', '--pid', String(server.pid)];
    const status = await npm(ask, directory, 'current', control);
    const [{ healthPort }] = JSON.parse(status.stdout) as [{ healthPort: number }];
    const [program = '', flag = '', script = ''] = health;
    const check = () =>
      runProcess(flag, { program, args: [script.replace(`:${env['SC_HEALTH_PORT']}`, `:${healthPort}`)], cwd: image });
    expect(await check()).toMatchObject({ code: 0 });
    await server.stop();
    expect(await check()).toMatchObject({ code: 1 });
  }, 240_000);
});
