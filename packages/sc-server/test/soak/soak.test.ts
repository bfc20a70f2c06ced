import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { requiredTool, runProcess, tempDir } from 'sc-testkit';

const openssl = requiredTool('openssl', { for: 'the soak' });

describe('the soak', () => {
  (openssl === undefined ? it.skip : it)(
    'draws the memory of every process while clients come and go, and no call fails',
    async () => {
      const directory = tempDir();
      const program = fileURLToPath(new URL('./soak.mjs', import.meta.url));
      const size = ['--seconds', '6', '--warmup', '2', '--interval', '1', '--clients', '20', '--churn', '50'];
      // How much it grows in its first seconds is no matter; so its exit code is not looked at.
      const { stderr } = await runProcess(program, { args: [...size, '--out', directory.path] });
      expect(stderr).not.toContain('is gone');
      const report = JSON.parse(readFileSync(join(directory.path, 'soak.json'), 'utf8')) as {
        done: { connected: number; failed: number };
        processes: { name: string }[];
      };
      const names = ['supervisor', 'balancer 0', 'worker 0', 'worker 1', 'store 0'];
      expect(report.processes.map(({ name }) => name)).toEqual(names);
      expect(report.done.connected).toBeGreaterThan(0);
      expect(report.done.failed).toBe(0);
      const plot = readFileSync(join(directory.path, 'soak.svg'), 'utf8');
      expect(plot.match(/<polyline /g)).toHaveLength(5);
      directory.remove();
    },
    90_000,
  );
});
