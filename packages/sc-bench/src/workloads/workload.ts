import type { Sample } from '../measure/sample.js';
import type { NativePrograms } from '../native-programs.js';

/** Context of every workload. */
export interface BenchContext {
  readonly programs: NativePrograms;
  /** Directory of the built files of the benchmark. */
  readonly distDirectory: string;
  /** Directory of temporary files. */
  readonly scratchDirectory: string;
  readonly rounds: number;
  /** Duration of the traffic in each round. The warm-up before it takes at least half as long. */
  readonly runMs: number;
  /** Path of a uWebSockets.js package to measure as well. */
  readonly uws: string | undefined;
  /** Path of another build of sc-server to measure as well. */
  readonly build: string | undefined;
  /** Names of the peers to measure. Empty: all. */
  readonly peers: readonly string[];
  /** Node.js options of the server processes. */
  readonly nodeOptions: readonly string[];
  log(line: string): void;
}

/** The measurement of one round, or the reason for rejecting it. */
export type Outcome = { readonly sample: Sample } | { readonly problem: string };

export interface PeerOutcomes {
  readonly name: string;
  readonly title: string;
  readonly outcomes: readonly Outcome[];
}

export interface WorkloadResult {
  readonly name: string;
  readonly title: string;
  /** The unit of work: 'delivery', 'echo' or 'connection'. */
  readonly unit: string;
  /** The peer to which ratios are relative. */
  readonly reference: string;
  readonly peers: readonly PeerOutcomes[];
  /** Notes for the reader of the numbers. */
  readonly notes?: readonly string[];
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<WorkloadResult>;
}
