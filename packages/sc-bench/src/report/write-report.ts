import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkloadResult } from '../workloads/workload.js';
import { barsSvg } from './bars-svg.js';
import { machineFacts, type MachineFacts } from './machine.js';
import { markdownReport } from './markdown.js';

/** One workload as it was measured, with what must be known to read it. */
export interface StoredResult {
  readonly machine: MachineFacts;
  readonly rounds: number;
  readonly runMs: number;
  readonly result: WorkloadResult;
}

/**
 * Writes a JSON file and a plot for a workload, and one table over all that lie in the directory, so that workloads
 * can be measured one by one. `order` is the order of the workloads in it.
 */
export function writeReport(
  directory: string,
  result: WorkloadResult,
  settings: { readonly rounds: number; readonly runMs: number },
  order: readonly string[],
): void {
  const dataDirectory = join(directory, 'data');
  mkdirSync(dataDirectory, { recursive: true });
  const stored: StoredResult = { machine: machineFacts(), rounds: settings.rounds, runMs: settings.runMs, result };
  writeFileSync(join(dataDirectory, `${result.name}.json`), `${JSON.stringify(stored, null, 2)}\n`);
  writeFileSync(join(directory, `${result.name}.svg`), barsSvg(result));
  const all = readdirSync(dataDirectory)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(dataDirectory, file), 'utf8')) as StoredResult)
    .sort((a, b) => order.indexOf(a.result.name) - order.indexOf(b.result.name));
  writeFileSync(join(directory, 'results.md'), markdownReport(all));
}
