import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { fixture, isAlive, until } from './support.js';

/** Starts a supervisor with two members, and kills it once they are at what `init` makes them do. */
async function orphan(init: object): Promise<number[]> {
  const supervisor = spawn(process.execPath, [fixture('supervisor.mjs'), JSON.stringify(init)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(supervisor.stdout), 'line')) as [string];
  const pids = JSON.parse(line) as number[];
  expect(pids.map(isAlive)).toEqual([true, true]);
  supervisor.kill('SIGKILL');
  return pids;
}

describe('Members without a supervisor', () => {
  it.each([{}, { onStop: 'hang' }])('are told to stop and exit by themselves: %j', async (behaviour) => {
    const directory = mkdtempSync(join(tmpdir(), 'sc-worker-pool-'));
    const stopLog = join(directory, 'stops');
    const pids = await orphan({ ...behaviour, stopLog });
    await until(() => !pids.some(isAlive), 'the members are gone');
    expect(readFileSync(stopLog, 'utf8')).toBe('orphaned\norphaned\n');
    rmSync(directory, { recursive: true });
  });

  it('are killed when they block their event loops', async () => {
    const pids = await orphan({ spinForEver: true });
    try {
      await until(() => !pids.some(isAlive), 'the members are gone');
      expect(pids).toHaveLength(2);
    } finally {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    }
  });
});
