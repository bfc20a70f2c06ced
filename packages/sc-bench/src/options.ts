import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Substrings of workload names. Empty: all workloads. */
  readonly only: readonly string[];
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly runMs: number;
  readonly out: string | undefined;
  readonly uws: string | undefined;
  readonly build: string | undefined;
  readonly profile: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

export const usage = `pnpm bench [options]

  --only <text>     workloads whose name contains the text; may be given again
  --peers <names>   only these peers, with commas between
  --rounds <n>      rounds of every peer, in turns (3)
  --seconds <n>     how long each round sends (1)
  --out <directory> where the report goes (docs/benchmarks, its data to results/); "none" writes nothing
  --uws <directory> a package of uWebSockets.js for this machine, to be measured too
  --build <file>    another built index.js of sc-server, to be measured too
  --profile <directory>  write CPU profiles of the servers there; the numbers are worth nothing then
  --list            name the workloads
`;

/** Parses the command line. Throws a `TypeError` or `RangeError` for invalid options. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', multiple: true, default: [] },
      peers: { type: 'string', default: '' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '1' },
      out: { type: 'string' },
      uws: { type: 'string' },
      build: { type: 'string' },
      profile: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    only: values.only,
    peers: values.peers.split(',').filter((name) => name !== ''),
    rounds: positive('rounds', values.rounds),
    runMs: positive('seconds', values.seconds) * 1000,
    out: values.out,
    uws: values.uws,
    build: values.build,
    profile: values.profile,
    list: values.list,
    help: values.help,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`--${name} must be a number above 0, got ${text}`);
  return value;
}
