import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compilePrograms, type NativePrograms } from '../src/native-programs.js';
import type { LoadPlan } from '../src/load/plan.js';

/** The load generator, built in a directory that `remove` takes away. */
export function buildPrograms(): { programs: NativePrograms; directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'sc-bench-test-'));
  const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
  return {
    programs: compilePrograms(packageDirectory, directory),
    directory,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const text = `{"event":"echo","data":"${'x'.repeat(80)}"}`;

/** A short echo; a test changes what it needs. */
export function echoPlan(port: number, changes: Partial<LoadPlan> = {}): LoadPlan {
  return {
    mode: 'echo',
    isTls: false,
    spins: false,
    path: '/',
    heartbeats: [{ ping: '#1', pong: '#2' }],
    connections: [{ port, steps: [] }],
    messages: [{ connection: 0, text }],
    minMessageBytes: 64,
    depth: 4,
    subscribersPerPublication: 0,
    channelOffset: 0,
    warmMs: 20,
    runMs: 50,
    minMessages: 10,
    intervalUs: 0,
    ...changes,
  };
}
