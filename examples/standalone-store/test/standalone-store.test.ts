import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, runProcess, startProcess, tempDir } from 'sc-testkit';

const file = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const storeBin = join(dirname(createRequire(import.meta.url).resolve('ndata-store/package.json')), 'dist/bin.js');
const cleanup = createCleanup();
let env: Record<string, string>;

beforeAll(async () => {
  const secretFile = join(cleanup.add(tempDir(), (created) => created.remove()).path, 'secret');
  writeFileSync(secretFile, 'a secret of this test, long enough for anybody\n', { mode: 0o600 });
  const port = String(await freePort());
  const store = await startProcess(storeBin, { args: ['--port', port, '--secret-file', secretFile], readyLine: /./ });
  cleanup.add(store, (started) => started.stop());
  env = { STORE_PORT: port, SECRET_FILE: secretFile };
});
afterAll(() => cleanup.run());

const addScore = async (player: string, points: number) =>
  (await runProcess(file('scores.js'), { args: [player, String(points)], env })).stdout;

describe('two programs and a store', () => {
  it('share scores: what is there, and what comes', async () => {
    expect(await addScore('ada', 5)).toBe('ada has 5\n');
    const board = await startProcess(file('board.js'), { env, readyLine: /^Waiting/m });
    cleanup.add(board, (started) => started.stop());
    expect(board.output()).toContain('ada: 5\n');
    expect(await addScore('grace', 2)).toBe('grace has 2\n');
    await board.outputMatch(/^grace: 2$/m);
    const exit = await board.stop();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  it('lose no points when many add at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => addScore('alan', 1)));
    expect(await addScore('alan', 0)).toBe('alan has 4\n');
  });
});
