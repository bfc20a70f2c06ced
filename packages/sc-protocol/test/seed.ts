import type fc from 'fast-check';

/** Stands in the names of the fuzz tests, so that a failure can be run again with FUZZ_SEED. */
export const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 0x7fffffff));

/** FUZZ_SCALE=10 runs ten times as long. */
export const scale = Number(process.env['FUZZ_SCALE'] ?? 1);

/** fast-check prints the seed with a failure. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  return { seed, numRuns: Math.ceil(numRuns * scale) };
}
