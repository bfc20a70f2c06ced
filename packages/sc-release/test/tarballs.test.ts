import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packed, root } from './support.js';

const published = [
  'ndata-store',
  'sc-balancer',
  'sc-channel',
  'sc-cli',
  'sc-client',
  'sc-protocol',
  'sc-react',
  'sc-server',
  'sc-worker-pool',
];
const byName = packed.map((pack) => [pack.manifest.name, pack] as const);

describe('what is published', () => {
  it('is every package that is not private, with one version', () => {
    expect(packed.map(({ manifest }) => manifest.name).sort()).toEqual(expect.arrayContaining(published));
    expect(new Set(packed.map(({ manifest }) => manifest.version)).size).toBe(1);
  });

  it('is one fixed group of changesets', () => {
    const config = JSON.parse(readFileSync(join(root, '.changeset', 'config.json'), 'utf8')) as { fixed: string[][] };
    const [patterns = []] = config.fixed;
    const isInGroup = (name: string) =>
      patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    expect(packed.filter(({ manifest }) => !isInGroup(manifest.name))).toEqual([]);
    expect(config.fixed).toHaveLength(1);
  });
});

describe.each(byName)('the tarball of %s', (name, pack) => {
  it('says what it is, where it comes from, and on what it runs', () => {
    expect(pack.manifest).toMatchObject({
      description: expect.stringMatching(/^\S.{20,160}\.$/),
      keywords: expect.arrayContaining(['realtime', 'socketcluster']),
      license: 'MIT',
      repository: { type: 'git', directory: `packages/${name}` },
      homepage: expect.stringMatching(/^https:/),
      bugs: expect.stringMatching(/^https:/),
      engines: { node: '>=20.19.0' },
      sideEffects: expect.anything(),
      exports: expect.objectContaining({ './package.json': './package.json' }),
    });
    expect(pack.read('README.md')).toMatch(new RegExp(`^# ${name}\n\n\\S`));
    expect(pack.read('LICENSE')).toContain('MIT');
  });

  it('holds what runs, and nothing else', () => {
    const expected =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|PROTOCOL\.md|dist\/.*|src\/.*\.ts|templates\/.*|vectors\/.*)$/;
    expect(pack.paths.filter((path) => !expected.test(path))).toEqual([]);
    const unwanted = /(^|\/)(\.env.*|\.npmrc|.*\.log|.*\.pem|.*\.key|tsconfig.*|node_modules\/.*)$|\.test\./;
    // The test of an app is part of the app that is made.
    expect(
      pack.paths
        .filter((path) => unwanted.test(path) && !/^templates\/.*\.test\.(js|ts)$/.test(path))
        .filter((path) => !/^templates\/.*tsconfig(\.build)?\.json$/.test(path)),
    ).toEqual([]);
  });

  it('names no path of the machine that made it, and needs nothing of the workspace', () => {
    const texts = pack.paths.filter((path) => /\.(c?js|mjs|ts|cts|json|md|map|html)$/.test(path));
    const found = texts.filter((path) => {
      const text = pack.read(path);
      return text.includes(root.replace(/\/$/, '')) || text.includes(`${homedir()}/`) || text.includes('workspace:');
    });
    expect(found).toEqual([]);
    expect(Object.values(pack.manifest.dependencies ?? {}).filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual(
      [],
    );
    expect(Object.keys(pack.manifest.scripts ?? {}).filter((script) => /install|prepare/.test(script))).toEqual([]);
  });

  it('passes publint', async () => {
    const bytes = readFileSync(pack.file);
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});
