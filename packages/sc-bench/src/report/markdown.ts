import type { PeerOutcomes, WorkloadResult } from '../workloads/workload.js';
import { figure, ratio, refusalOf } from './figures.js';
import { markdownTable } from './markdown-table.js';
import type { StoredResult } from './write-report.js';

const none = '–';

/** The Markdown report: one table with the ratios of all workloads, then the results of each workload. */
export function markdownReport(stored: readonly StoredResult[]): string {
  const results = stored.map(({ result }) => result);
  const sections = [
    '# Results of the benchmarks',
    'Written by `pnpm bench`; see [the notes](README.md) for how it measures. CPU is that of the whole process tree of the server, median of the rounds, with the least and the greatest in brackets. Numbers of a machine that is busy with other things move by a factor of two within minutes; the ratios, measured in turns, move far less.',
    overview(results),
    ...stored.map(section),
  ];
  return `${sections.join('\n\n')}\n`;
}

function overview(results: readonly WorkloadResult[]): string {
  const peers = new Map<string, string>();
  for (const result of results) for (const { name, title } of result.peers) peers.set(name, title);
  const rows = results.map((result) => [
    `[${result.title}](#${result.name})`,
    ...[...peers.keys()].map((name) => {
      const peer = result.peers.find((one) => one.name === name);
      const value = peer && ratio(result, peer, 'cpuUs');
      return value === undefined ? none : value.toFixed(2);
    }),
  ]);
  return `## CPU for each message, as a multiple of the reference\n\n${markdownTable(['Workload', ...peers.values()], rows)}`;
}

function section({ machine, rounds, runMs, result }: StoredResult): string {
  const head = [
    'Server',
    `CPU per ${result.unit}`,
    '×',
    'Per second',
    'p50',
    'p99',
    'Memory per connection',
    'Memory per key',
    'Server busy',
    'Client busy',
  ];
  const rows = result.peers.map((peer) => row(result, peer));
  const used = head.map((_, column) => column === 0 || rows.some((cells) => cells[column] !== none));
  const keep = (cells: readonly string[]) => cells.filter((_, column) => used[column] === true);
  const facts = `${machine.date}, Node ${machine.node}, ${machine.cores} × ${machine.cpu}; ${rounds} rounds of ${runMs / 1000} s.`;
  return [
    `## ${result.name}`,
    `${result.title}. ${facts}`,
    `![${result.title}](${result.name}.svg)`,
    markdownTable(keep(head), rows.map(keep)),
    ...(result.notes ?? []),
  ].join('\n\n');
}

function row(result: WorkloadResult, peer: PeerOutcomes): string[] {
  const refusal = refusalOf(peer);
  if (refusal !== undefined) return [peer.title, `refused: ${refusal}`, ...Array.from({ length: 8 }, () => none)];
  const cpu = figure(peer, 'cpuUs');
  const memory = figure(peer, 'bytesPerConnection');
  const perKey = figure(peer, 'bytesPerKey');
  const perSecond = figure(peer, 'perSecond');
  return [
    peer.title,
    cpu === undefined ? none : `${micro(cpu.median)} (${micro(cpu.min)}–${micro(cpu.max)}) µs`,
    ratio(result, peer, 'cpuUs')?.toFixed(2) ?? none,
    perSecond === undefined ? none : Math.round(perSecond.median).toLocaleString('en'),
    milliseconds(figure(peer, 'p50Us')?.median),
    milliseconds(figure(peer, 'p99Us')?.median),
    memory === undefined ? none : `${(memory.median / 1024).toFixed(1)} KiB`,
    perKey === undefined ? none : `${Math.round(perKey.median)} bytes`,
    percent(figure(peer, 'serverBusy')?.median),
    percent(figure(peer, 'clientBusy')?.median),
  ];
}

function micro(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function milliseconds(us: number | undefined): string {
  return us === undefined ? none : `${(us / 1000).toFixed(2)} ms`;
}

function percent(share: number | undefined): string {
  return share === undefined ? none : `${Math.round(share * 100)} %`;
}
