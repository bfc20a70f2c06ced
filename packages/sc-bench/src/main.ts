import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compilePrograms } from './native-programs.js';
import { parseOptions, usage, type BenchOptions } from './options.js';
import { writeReport, type ReportPlaces } from './report/write-report.js';
import { workloads } from './workloads/index.js';
import type { BenchContext } from './workloads/workload.js';

const distDirectory = dirname(fileURLToPath(import.meta.url));
const packageDirectory = dirname(distDirectory);

async function main(options: BenchOptions): Promise<void> {
  const chosen = workloads.filter(
    ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)),
  );
  if (options.list || chosen.length === 0) {
    console.log(workloads.map(({ name, title }) => `${name.padEnd(24)} ${title}`).join('\n'));
    if (!options.list) throw new RangeError(`No workload matches --only ${options.only.join(' --only ')}`);
    return;
  }
  const scratchDirectory = mkdtempSync(join(tmpdir(), 'sc-bench-'));
  try {
    const context = createContext(options, scratchDirectory);
    const isWritten = options.out !== 'none' && options.profile === undefined;
    for (const workload of chosen) {
      console.log(`${workload.name}: ${workload.title}`);
      const result = await workload.run(context);
      if (isWritten)
        writeReport(
          reportPlaces(options.out),
          result,
          options,
          workloads.map(({ name }) => name),
        );
    }
  } finally {
    rmSync(scratchDirectory, { recursive: true, force: true });
  }
}

/** In the repository, reports are stored in the documentation, and data in this package. */
function reportPlaces(out: string | undefined): ReportPlaces {
  if (out !== undefined) return { pages: resolve(out), data: resolve(out, 'data') };
  return { pages: resolve(packageDirectory, '../../docs/benchmarks'), data: resolve(packageDirectory, 'results') };
}

function createContext(options: BenchOptions, scratchDirectory: string): BenchContext {
  const nodeOptions: string[] = [];
  if (options.profile !== undefined) {
    mkdirSync(options.profile, { recursive: true });
    nodeOptions.push('--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`);
  }
  return {
    programs: compilePrograms(packageDirectory, scratchDirectory),
    distDirectory,
    scratchDirectory,
    rounds: options.rounds,
    runMs: options.runMs,
    uws: options.uws === undefined ? undefined : resolve(options.uws),
    build: options.build === undefined ? undefined : resolve(options.build),
    peers: options.peers,
    nodeOptions,
    log: (line) => console.log(line),
  };
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await main(options);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
