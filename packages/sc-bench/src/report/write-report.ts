import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkloadResult } from '../workloads/workload.js';
import { barsSvg } from './bars-svg.js';
import { machineFacts, type MachineFacts } from './machine.js';
import { markdownReport } from './markdown.js';

/** The measurement of one workload, with the context needed to interpret it. */
export interface StoredResult {
  readonly machine: MachineFacts;
  readonly rounds: number;
  readonly runMs: number;
  readonly result: WorkloadResult;
}

export interface ReportPlaces {
  /** Directory of the plots and the table. */
  readonly pages: string;
  /** Directory of the JSON files, one for each workload. */
  readonly data: string;
}

/**
 * Writes a JSON file and a plot for a workload, and a table of all workloads that have a JSON file, so that workloads
 * can be measured separately. `order` is the order of the workloads in the table.
 */
export function writeReport(
  { pages, data }: ReportPlaces,
  result: WorkloadResult,
  settings: { readonly rounds: number; readonly runMs: number },
  order: readonly string[],
): void {
  for (const directory of [pages, data]) mkdirSync(directory, { recursive: true });
  const stored: StoredResult = { machine: machineFacts(), rounds: settings.rounds, runMs: settings.runMs, result };
  writeFileSync(join(data, `${result.name}.json`), `${JSON.stringify(stored, null, 2)}\n`);
  writeFileSync(join(pages, `${result.name}.svg`), barsSvg(result));
  const all = readdirSync(data)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(data, file), 'utf8')) as StoredResult)
    .sort((a, b) => order.indexOf(a.result.name) - order.indexOf(b.result.name));
  writeFileSync(join(pages, 'results.md'), markdownReport(all));
}
