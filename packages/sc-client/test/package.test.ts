import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { version } from '../src/index.js';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('the package', () => {
  it('announces its own version', () => {
    expect(version).toBe((JSON.parse(read('package.json')) as { version: string }).version);
  });

  it.each(['socketcluster.js', 'socketcluster.min.js'])('has %s, one script with the global socketCluster', (file) => {
    const program = `${read(`dist/browser/${file}`)}
      console.log(typeof socketCluster.connect, socketCluster.version);`;
    const child = spawnSync(process.execPath, ['-'], { input: program, encoding: 'utf8' });
    expect(child.stdout).toBe(`function ${version}\n`);
  });

  it('names no Node built-in and no ws outside of the Node entry', () => {
    for (const file of ['dist/index.js', 'dist/index.cjs', 'dist/browser/socketcluster.js']) {
      const text = read(file);
      const chunks = [...text.matchAll(/\.\/(chunk-[^'"]+)/g)].map(([, name]) => read(`dist/${name}`));
      const named = [text, ...chunks].join('\n').match(/(?:from |require\()['"](?:node:|ws\b)[^'"]*/g);
      expect([file, named]).toStrictEqual([file, null]);
    }
  });
});
