import { InvalidOptionsError } from 'sc-protocol';
import { Refusals } from 'sc-protocol/kit';

/** Checks the range of debug ports: each process uses the next port. */
export function checkDebugPort(option: string, first: number | undefined, processes: number): void {
  if (first === undefined || first + processes - 1 <= 65_535) return;
  const most = 65_536 - processes;
  throw new InvalidOptionsError(`\`${option}\` must be at most ${most} with ${processes} processes, got ${first}`, {
    option,
  });
}

/** Rejects options that have no effect without balancers. */
export function refuseWithoutBalancers(options: object, balancers: number): void {
  if (balancers > 0) return;
  const refusals = new Refusals();
  for (const option of ['balancerController', 'maxConnectionsPerAddress', 'trustedPeers'] as const) {
    if ((options as Readonly<Record<string, unknown>>)[option] === undefined) continue;
    refusals.add(new InvalidOptionsError(`\`${option}\` needs balancers: 1 or more, got balancers: 0`, { option }));
  }
  refusals.throwAny();
}
