import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runProcess } from 'sc-testkit';

/** How many runs; `SIMULATIONS` and `SEED` in the environment change that. */
const count = Number(process.env['SIMULATIONS'] ?? 1000);
const firstSeed = Number(process.env['SEED'] ?? 1);

const program = fileURLToPath(new URL('./simulate.mjs', import.meta.url));

interface Total {
  readonly seeds: number;
  readonly failed: number;
  readonly deliveries: number;
  readonly recoveries: number;
  readonly failedRecoveries: number;
}

/** Runs seeds. Returns the figures and all faults as text. */
async function simulate(...args: readonly string[]): Promise<Total & { readonly text: string }> {
  const { stdout, stderr } = await runProcess(program, { args, deadlineMs: 1_800_000 });
  const lines = stdout.trimEnd().split('\n');
  const total = JSON.parse(lines.pop() ?? '{}') as Total;
  return { ...total, text: `${lines.join('\n')}${stderr}` };
}

describe('a simulated cluster', () => {
  it('loses, repeats and reorders nothing without telling, whatever happens to its processes and links', async () => {
    const { seeds, text, recoveries, failedRecoveries, deliveries } = await simulate(
      ...['--seeds', String(count), '--from', String(firstSeed)],
    );
    expect(text).toBe('');
    expect(seeds).toBe(count);
    expect(recoveries).toBeGreaterThan(count);
    expect(failedRecoveries).toBeGreaterThan(count / 10);
    expect(deliveries).toBeGreaterThan(count * 10);
  }, 1_800_000);

  it('does the same twice for a seed', async () => {
    const once = await simulate('--seeds', '3', '--from', String(firstSeed), '--verbose');
    expect(await simulate('--seeds', '3', '--from', String(firstSeed), '--verbose')).toEqual(once);
  }, 300_000);

  it.each([
    ['forgets what was published, a publication that comes twice', 'forgets', 'duplicated: '],
    ['says of every recovery that it is complete, one that never comes', 'trusts', 'lost: '],
    ['leaves a publication out, one that never comes', 'skips', 'lost: '],
  ])(
    'shows, for a store that %s',
    async (_what, fault, found) => {
      const { failed, text } = await simulate('--seeds', '40', '--fault', fault);
      expect(failed).toBeGreaterThan(0);
      expect(text).toContain(found);
    },
    300_000,
  );
});
