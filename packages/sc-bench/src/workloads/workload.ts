import type { Sample } from '../measure/sample.js';
import type { NativePrograms } from '../native-programs.js';

/** What every workload gets. */
export interface BenchContext {
  readonly programs: NativePrograms;
  /** Where the built files of the bench are. */
  readonly distDirectory: string;
  /** For files that are gone after the run. */
  readonly scratchDirectory: string;
  readonly rounds: number;
  /** How long traffic runs in each round; before it, half of that or more to warm up. */
  readonly runMs: number;
  /** A package of uWebSockets.js on this machine, measured too when given. */
  readonly uws: string | undefined;
  /** Another build of sc-server, measured too when given. */
  readonly build: string | undefined;
  /** Only these peers, all when empty. */
  readonly peers: readonly string[];
  /** Options of Node for the servers. */
  readonly nodeOptions: readonly string[];
  log(line: string): void;
}

/** What one round measured, or why it does not count. */
export type Outcome = { readonly sample: Sample } | { readonly problem: string };

export interface PeerOutcomes {
  readonly name: string;
  readonly title: string;
  readonly outcomes: readonly Outcome[];
}

export interface WorkloadResult {
  readonly name: string;
  readonly title: string;
  /** What CPU time is counted for: 'delivery', 'echo', 'connection'. */
  readonly unit: string;
  /** The peer that ratios refer to. */
  readonly reference: string;
  readonly peers: readonly PeerOutcomes[];
  /** What a reader should know of the numbers. */
  readonly notes?: readonly string[];
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<WorkloadResult>;
}
