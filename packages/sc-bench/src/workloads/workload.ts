import type { Sample } from '../measure/sample.js';
import type { NativePrograms } from '../native-programs.js';

/** Context of every workload. */
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
  /** The peer that ratios refer to. */
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
