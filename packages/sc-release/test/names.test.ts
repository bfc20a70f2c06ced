import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, tempDir } from 'sc-testkit';
import { npm, packed, root } from './support.js';
import type { Manifest } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const release = (...args: string[]) =>
  runProcess(join(root, '.scripts', 'release.mjs'), { args, cwd: root, deadlineMs: 200_000 });

/** A registry on loopback that knows these packuments, by name. */
async function startRegistry(packuments: Readonly<Record<string, object>>, tarballs = ''): Promise<string> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    if (path.endsWith('.tgz')) return void response.end(readFileSync(join(tarballs, path)));
    const packument = packuments[path];
    response.writeHead(packument === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(packument ?? { error: 'not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(server, (listening) => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const packumentOf = (url: string) => ({
  'dist-tags': { latest: '2.0.0' },
  versions: { '2.0.0': { repository: { type: 'git', url } } },
});

const ours = packed[0]?.manifest.repository as unknown as { readonly url: string };

describe('the names of a release', () => {
  it('pass when they are free, or packages of this repository', async () => {
    const registry = await startRegistry({ 'sc-server': packumentOf(ours.url) });
    expect(await release('--check', '--registry', registry)).toMatchObject({
      code: 0,
      stdout: `The names of all ${packed.length} packages are free or ours\n`,
    });
  });

  it.each([
    'git+https://github.com/someone/sc-channel.git',
    'git@github.com:someone/sc-channel.git',
    'someone/sc-channel',
  ])('are refused when one belongs to %s, with two ways out', async (repository) => {
    const registry = await startRegistry({ 'sc-channel': packumentOf(repository) });
    const { code, stderr } = await release('--check', '--registry', registry);
    expect(code).toBe(1);
    expect(stderr).toContain('sc-channel belongs to somebody else: github.com/someone/sc-channel\n');
    expect(stderr).toContain('npm owner add');
    expect(stderr).toContain('config.publishScope');
  });

  it('are others under a scope', async () => {
    const registry = await startRegistry({ 'sc-channel': packumentOf('someone/sc-channel') });
    expect(await release('--check', '--registry', registry, '--scope', '@ours')).toMatchObject({ code: 0 });
  });

  it('need a scope that npm takes', async () => {
    expect(await release('--check', '--scope', 'Ours')).toMatchObject({
      code: 1,
      stderr: '`config.publishScope` in package.json must be a scope such as "@yourname", or "" for none, got "Ours"\n',
    });
  });
});

describe('packages under a scope', () => {
  it('install from a registry and find each other by the names in code', async () => {
    const directory = cleanup.add(tempDir(), (made) => made.remove()).path;
    expect(await release('--prepare', join(directory, 'prepared'), '--scope', '@ours')).toMatchObject({ code: 0 });
    const packuments: Record<string, object> = {};
    const registry = await startRegistry(packuments, directory);
    for (const name of readdirSync(join(directory, 'prepared'))) {
      const cwd = join(directory, 'prepared', name);
      const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as Manifest;
      execFileSync('npm', ['pack', '--pack-destination', directory, '--ignore-scripts'], { cwd, stdio: 'ignore' });
      const file = `ours-${name}-${manifest.version}.tgz`;
      const integrity = `sha512-${createHash('sha512')
        .update(readFileSync(join(directory, file)))
        .digest('base64')}`;
      packuments[manifest.name] = {
        name: manifest.name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist: { tarball: registry + file, integrity } } },
      };
    }

    const project = join(directory, 'project');
    execFileSync('mkdir', [project]);
    writeFileSync(join(project, 'package.json'), '{"private":true}');
    writeFileSync(join(project, '.npmrc'), `@ours:registry=${registry}\n`);
    expect(await npm(['install', '@ours/sc-server', '@ours/sc-client', '@ours/sc-cli'], project)).toMatchObject({
      code: 0,
    });
    const made = await npm(['exec', '--', 'sc-cli', 'create', 'app', '--yes', '--no-install'], project, 'current', {
      SC_PACKAGES: undefined,
    });
    expect(made).toMatchObject({ code: 0 });
    const app = JSON.parse(readFileSync(join(project, 'app', 'package.json'), 'utf8')) as Manifest;
    expect(app.dependencies?.['sc-server']).toMatch(/^npm:@ours\/sc-server@\^\d/);
    writeFileSync(
      join(project, 'use.mjs'),
      `import { createServer } from 'node:http';
      import { SCServer } from '@ours/sc-server';
      import { connect } from '@ours/sc-client';
      const httpServer = createServer().listen(0, '127.0.0.1', async () => {
        const scServer = SCServer.attach(httpServer);
        scServer.on('connection', (socket) => socket.handle('double', (n) => n * 2));
        const socket = connect({ hostname: '127.0.0.1', port: httpServer.address().port });
        console.log(await socket.invoke('double', 21));
        socket.disconnect();
        await scServer.close();
        httpServer.close();
      });`,
    );
    expect(await runProcess(join(project, 'use.mjs'), { cwd: project })).toMatchObject({ code: 0, stdout: '42\n' });
  }, 240_000);
});
