import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, tempDir } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const cleanup = createCleanup();
let cwd: string;

beforeEach(() => {
  cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
});
afterEach(() => cleanup.run());

async function cli(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
  { cwd: folder = cwd }: { readonly cwd?: string } = {},
) {
  const { code, stdout, stderr } = await runProcess(main, {
    args,
    cwd: folder,
    env: { npm_config_user_agent: undefined, SC_PACKAGES: undefined, FORCE_COLOR: undefined, ...env },
  });
  return { code, stdout, stderr };
}

const readApp = (file: string) => readFileSync(join(cwd, 'myapp', file), 'utf8');

describe('the program', () => {
  it.each(['-v', '--version'])('prints its version with %s', async (flag) => {
    await expect(cli([flag])).resolves.toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints help with an example', async () => {
    const { code, stdout, stderr } = await cli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: socketcluster');
    expect(stdout).toMatch(/create \[options\] <name>\s+make a new app/);
    expect(stdout).toContain('$ socketcluster create myapp');
  });

  it('prints help of a command with an example', async () => {
    const { code, stdout } = await cli(['create', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: socketcluster create [options] <name>');
    expect(stdout).toContain('$ socketcluster create myapp --template chat --yes');
  });

  it('shows help on stderr and exits with 2 when it is given nothing to do', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: socketcluster');
  });

  it.each([
    [['creat', 'myapp'], "error: unknown command 'creat'\n(Did you mean create?)"],
    [['create', 'myapp', '--forse'], "error: unknown option '--forse'\n(Did you mean --force?)"],
    [['create'], "error: missing required argument 'name'"],
    [['create', 'a', 'b'], 'error: too many arguments'],
    [['create', 'My App'], 'error: The name of an app must start with a small letter'],
    [
      ['create', 'myapp', '--template', 'maximal'],
      'error: --template must be one of chat, minimal, typescript, got "maximal"',
    ],
  ])('exits with 2 and says why on stderr for %j', async (args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('uses colours only when they are wanted', async () => {
    const escape = String.fromCharCode(27);
    const args = ['create', 'myapp', '--no-install', '--force'];
    expect((await cli(args, { FORCE_COLOR: '1' })).stdout).toContain(`${escape}[32mDone.`);
    expect((await cli(args, { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain(escape);
    expect((await cli(args, { CI: 'true' })).stdout).not.toContain(escape);
  });
});

describe('create', () => {
  it('makes an app with its own name that needs this version of the packages', async () => {
    const { code, stdout, stderr } = await cli(['create', 'myapp', '--no-install']);
    expect(code).toBe(0);
    expect(stderr).toContain('Made myapp from the template "minimal".');
    expect(stdout).toContain('  cd myapp\n  npm install\n  npm start\n');
    expect(JSON.parse(readApp('package.json'))).toMatchObject({
      name: 'myapp',
      private: true,
      scripts: { dev: 'sc dev', status: 'sc status' },
      dependencies: { 'sc-cli': `^${version}`, 'sc-client': `^${version}`, 'sc-server': `^${version}` },
    });
    expect(readApp('server.js')).toContain("appName: 'myapp'");
    expect(readApp('README.md')).toMatch(/^# myapp\n/);
    expect(readApp('.gitignore')).toContain('node_modules/');
  });

  it.each(['chat', 'minimal', 'typescript'])(
    'makes an app from %s in which config check and doctor find nothing wrong',
    async (template) => {
      await cli(['create', 'myapp', '--no-install', '--template', template]);
      const inApp = { cwd: join(cwd, 'myapp') };
      const checked = await cli(['config', 'check'], {}, inApp);
      expect(checked).toMatchObject({ code: 0, stderr: '' });
      expect(checked.stdout).toMatch(
        /^The environment is right\. Options in \S+server\.[jt]s are checked when it starts\.$/m,
      );
      await expect(cli(['config', 'check'], { SC_WORKERS: 'many' }, inApp)).resolves.toMatchObject({ code: 2 });
      // Another process may have the default port.
      const doctor = await cli(['doctor', '--port', '0'], {}, inApp);
      expect({ code: doctor.code, output: doctor.stdout }).toMatchObject({ code: 0 });
      expect(doctor.stdout).not.toContain('failure');
    },
  );

  it('names the package manager that started it', async () => {
    const { stdout } = await cli(['create', 'myapp', '--no-install'], {
      npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v20',
    });
    expect(stdout).toContain('  pnpm install\n  pnpm start\n');
  });

  it('leaves a folder alone that is not empty, without asking when there is no terminal', async () => {
    mkdirSync(join(cwd, 'myapp'));
    writeFileSync(join(cwd, 'myapp', 'server.js'), 'mine');
    const { code, stdout, stderr } = await cli(['create', 'myapp', '--no-install']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('error: The folder myapp already exists and is not empty. Add --force to write into it.\n');
    expect(readApp('server.js')).toBe('mine');
  });

  it('writes into it with --force, and keeps what it does not replace', async () => {
    mkdirSync(join(cwd, 'myapp'));
    writeFileSync(join(cwd, 'myapp', 'server.js'), 'mine');
    writeFileSync(join(cwd, 'myapp', 'notes.txt'), 'mine too');
    await expect(cli(['create', 'myapp', '--no-install', '--force'])).resolves.toMatchObject({ code: 0 });
    expect(readApp('server.js')).toContain('new SocketCluster');
    expect(readApp('notes.txt')).toBe('mine too');
  });

  it('takes the packages from a folder of tarballs, also those that are needed indirectly', async () => {
    const names = [
      'ndata-store',
      'sc-balancer',
      'sc-channel',
      'sc-cli',
      'sc-client',
      'sc-protocol',
      'sc-server',
      'sc-worker-pool',
    ];
    mkdirSync(join(cwd, 'packed'));
    for (const name of names) writeFileSync(join(cwd, 'packed', `${name}-${version}.tgz`), '');
    await cli(['create', 'myapp', '--no-install', '--packages', 'packed']);
    const spec = (name: string) => `file:${join(cwd, 'packed', `${name}-${version}.tgz`)}`;
    const manifest = JSON.parse(readApp('package.json'));
    expect(manifest.dependencies).toEqual({
      'sc-cli': spec('sc-cli'),
      'sc-client': spec('sc-client'),
      'sc-server': spec('sc-server'),
    });
    expect(manifest.overrides['sc-protocol']).toBe(spec('sc-protocol'));

    const again = ['create', 'myapp', '--no-install', '--force'];
    await cli(again, { SC_PACKAGES: 'packed', npm_config_user_agent: 'pnpm/10.0.0' });
    expect(JSON.parse(readApp('package.json')).pnpm.overrides['ndata-store']).toBe(spec('ndata-store'));
  });

  it('fails before it writes anything when a tarball is missing', async () => {
    mkdirSync(join(cwd, 'packed'));
    const { code, stderr } = await cli(['create', 'myapp', '--packages', 'packed']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: There is no sc-cli-${version}.tgz in ${join(cwd, 'packed')}\n`,
    });
    expect(() => readApp('package.json')).toThrow('ENOENT');
  });

  it('says so when the installation fails', async () => {
    mkdirSync(join(cwd, 'bin'));
    writeFileSync(join(cwd, 'bin', 'npm'), '#!/bin/sh\necho broken\nexit 9\n', { mode: 0o755 });
    const { code, stdout, stderr } = await cli(['create', 'myapp'], {
      PATH: `${join(cwd, 'bin')}:${process.env['PATH'] ?? ''}`,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('broken\n');
    expect(stderr).toContain('error: "npm install" failed with exit code 9. The app is in myapp; try it there.');
  });
});
