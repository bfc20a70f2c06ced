import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support.js';

/** The steps of the example Dockerfile, as far as they can run without Docker. */
export function readDockerfile() {
  const text = readFileSync(join(root, 'examples', 'deployment', 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
  const all = (word: string) =>
    [...text.matchAll(new RegExp(`^(?:HEALTHCHECK .*)?${word} +(.*)$`, 'gm'))].map(([, rest = '']) => rest);
  const [health = '[]', command = '[]'] = all('CMD');
  return {
    /** Files that the first stage copies from the app. */
    copied: (all('COPY')[0] ?? '').split(' ').slice(0, -1),
    run: all('RUN'),
    env: Object.fromEntries(
      [...(all('ENV')[0] ?? '').matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
    health: JSON.parse(health) as string[],
    command: JSON.parse(command) as string[],
  };
}
