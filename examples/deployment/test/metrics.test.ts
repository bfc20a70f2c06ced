import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, tempDir, waitFor } from 'sc-testkit';
import { path, startApp } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = readFileSync(path('prometheus-rules.yml'), 'utf8');
const dashboard = JSON.parse(readFileSync(path('grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const promtool = requiredTool('promtool', { for: 'the alert rules' });
const withPromtool = promtool === undefined ? it.skip : it;

describe('the alert rules and the dashboard', () => {
  it('use only metrics that the app has', async () => {
    const app = cleanup.add(await startApp(), (started) => started.stop());
    // Processes report once a second.
    const text = await waitFor(
      async () => {
        const metrics = await (await fetch(`http://127.0.0.1:${app.healthPort}/metrics`)).text();
        return ['sc_clients{', 'sc_store_keys{', 'sc_process_heap_bytes{role="store"'].every((name) =>
          metrics.includes(name),
        )
          ? metrics
          : undefined;
      },
      { deadlineMs: 60_000, what: 'the first reports' },
    );
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '']) => name);
    // The app of the test has no certificate.
    const known = new Set([...families, 'sc_certificate_expiry_timestamp_seconds']);
    const used = [rules, ...expressions].flatMap((one) => [...one.matchAll(/\bsc_[a-z_]+/g)].map(([name]) => name));
    expect(used.length).toBeGreaterThan(40);
    expect(used.filter((name) => !known.has(name.replace(/_bucket$/, '')))).toEqual([]);
  });

  withPromtool('are taken by Prometheus', () => {
    execFileSync(promtool ?? '', ['check', 'rules', path('prometheus-rules.yml')]);
    const groups = expressions.map((expr, index) => ({ record: `panel:${index}`, expr: withInterval(expr) }));
    const input = JSON.stringify({ groups: [{ name: 'dashboard', rules: groups }] });
    const file = join(cleanup.add(tempDir(), (created) => created.remove()).path, 'rules.json');
    writeFileSync(file, input);
    execFileSync(promtool ?? '', ['check', 'rules', file]);
    writeFileSync(file, input.replaceAll('sum', 'sum sum'));
    expect(() => execFileSync(promtool ?? '', ['check', 'rules', file], { stdio: 'pipe' })).toThrow();
  });

  withPromtool('warn of what they should, and not before', () => {
    expect(execFileSync(promtool ?? '', ['test', 'rules', path('test/rules.yml')], { encoding: 'utf8' })).toContain(
      'SUCCESS',
    );
  });
});

/** Variables that Grafana replaces. */
function withInterval(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
}
