import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runProcess } from 'sc-testkit';

/** How many runs; `INTERLEAVINGS` and `SEED` in the environment change that. */
const count = Number(process.env['INTERLEAVINGS'] ?? 1000);
const firstSeed = Number(process.env['SEED'] ?? 1);

const program = fileURLToPath(new URL('./simulate-identities.mjs', import.meta.url));

interface Total {
  readonly seeds: number;
  readonly failed: number;
  readonly publications: number;
  readonly calls: number;
}

/** Runs seeds. Returns the figures and all faults as text. */
async function simulate(...args: readonly string[]): Promise<Total & { readonly text: string }> {
  const { stdout, stderr } = await runProcess(program, { args, deadlineMs: 1_800_000 });
  const lines = stdout.trimEnd().split('\n');
  const total = JSON.parse(lines.pop() ?? '{}') as Total;
  return { ...total, text: `${lines.join('\n')}${stderr}` };
}

describe('pages and servers, in any interleaving of logins, logouts, renewals, subscriptions and lost connections', () => {
  it('deliver nothing private without a token for it, end every call once, and agree in the end', async () => {
    const { seeds, text, publications, calls } = await simulate(String(firstSeed), String(count));
    expect(text).toBe('');
    expect(seeds).toBe(count);
    expect(publications).toBeGreaterThan(count);
    expect(calls).toBeGreaterThan(count);
  }, 1_800_000);

  it('are found out when a token allows less than the server believes', async () => {
    const { failed, text } = await simulate('1', '20', 'expired');
    expect(failed).toBeGreaterThan(0);
    expect(text).toContain('was published when its token did not allow it');
  }, 300_000);
});
