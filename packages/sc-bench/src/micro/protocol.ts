import { defaultDialect, jsonCodec } from 'sc-protocol';
import { payload } from '../workloads/plans.js';
import type { Outcome, PeerOutcomes, Workload } from '../workloads/workload.js';

interface Contender {
  readonly name: string;
  readonly title: string;
  /** Returns a value that depends on the work, so that the compiler cannot eliminate it. */
  readonly once: () => unknown;
}

const text = JSON.stringify({ event: '#publish', data: { channel: 'news', data: { id: 42, text: payload } }, cid: 7 });
const frame = { type: 'publication' as const, channel: 'news', data: { id: 42, text: payload } };
const wire = { event: '#publish', data: { channel: 'news', data: frame.data } };

/** Measures the overhead of the protocol over plain JSON, in this process and without sockets. */
function micro(name: string, title: string, contenders: readonly [Contender, Contender]): Workload {
  return {
    name,
    title,
    run(context) {
      const table = contenders.map((contender) => ({ contender, outcomes: [] as Outcome[] }));
      for (const { contender } of table) measure(contender, context.runMs / 4);
      for (let round = 0; round < context.rounds * 3; round++) {
        for (const { contender, outcomes } of table) outcomes.push(measure(contender, context.runMs / 4));
      }
      const peers: PeerOutcomes[] = table.map(({ contender, outcomes }) => ({
        name: contender.name,
        title: contender.title,
        outcomes,
      }));
      return Promise.resolve({ name, title, unit: 'frame', reference: contenders[0].name, peers });
    },
  };
}

function measure({ once }: Contender, forMs: number): Outcome {
  let count = 0;
  let kept: unknown;
  const start = process.cpuUsage();
  const end = performance.now() + forMs;
  do {
    for (let i = 0; i < 1000; i++) kept = once();
    count += 1000;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(start);
  return kept === undefined ? { problem: 'nothing was made' } : { sample: { cpuUs: (user + system) / count } };
}

export const microWorkloads: readonly Workload[] = [
  micro('protocol-parse', 'Parse a publish frame', [
    { name: 'json', title: 'JSON.parse', once: () => JSON.parse(text) as unknown },
    {
      name: 'sc-server-protocol',
      title: 'sc-protocol',
      once: () => defaultDialect.parseClientFrame(jsonCodec.decode(text)),
    },
  ]),
  micro('protocol-encode', 'Encode a publication', [
    { name: 'json', title: 'JSON.stringify', once: () => JSON.stringify(wire) },
    { name: 'sc-server-protocol', title: 'sc-protocol', once: () => jsonCodec.encode(defaultDialect.toWire(frame)) },
  ]),
];
