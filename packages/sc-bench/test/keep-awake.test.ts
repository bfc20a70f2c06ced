import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keepAwake } from '../src/measure/keep-awake.js';
import { processTree } from '../src/measure/process-tree.js';
import { buildPrograms } from './support.js';

let built: ReturnType<typeof buildPrograms>;
beforeAll(() => {
  built = buildPrograms();
});
afterAll(() => built.remove());

describe('cores that are kept awake', () => {
  it('have a process each that runs only when nothing else does, and that ends', async () => {
    const letSleep = await keepAwake(built.programs.awake);
    const spinners = processTree(process.pid).filter((pid) => commandOf(pid) === 'awake');
    // One more waits for the end.
    expect(spinners).toHaveLength(availableParallelism() + 1);
    expect(spinners.filter((pid) => policyOf(pid) === 'idle')).toHaveLength(availableParallelism());
    await letSleep();
    expect(processTree(process.pid).filter((pid) => spinners.includes(pid))).toEqual([]);
  });
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** Policy 5 is SCHED_IDLE; field 41 of proc(5), counted after the name. */
function policyOf(pid: number): string {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields[38] === '5' ? 'idle' : 'other';
}
