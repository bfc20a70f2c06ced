import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runProcess } from 'sc-testkit';

interface Measured {
  readonly handles: readonly string[];
  readonly stats: { readonly clients: number; readonly connecting: number; readonly channels: number };
}

describe('a server that clients come to and leave', () => {
  it('keeps nothing of them: less than 50 bytes for each, and no handle, timer or map entry', async () => {
    const program = fileURLToPath(new URL('./cycles.mjs', import.meta.url));
    const { code, stdout, stderr } = await runProcess('--expose-gc', {
      args: [program, '1250', '3'],
      deadlineMs: 120_000,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, after, bytesPerCycle } = JSON.parse(stdout) as {
      before: Measured;
      after: Measured;
      bytesPerCycle: number[];
    };
    expect(after.stats).toMatchObject({ clients: 0, connecting: 0, channels: 0 });
    expect(after.handles).toEqual(before.handles);
    // A leak grows in every round, while allocations of the engine come and go.
    expect(Math.min(...bytesPerCycle)).toBeLessThan(50);
  }, 150_000);
});
