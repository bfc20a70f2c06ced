import type { PeerOutcomes, WorkloadResult } from '../workloads/workload.js';
import { escapeXml } from './escape-xml.js';
import { figure, ratio } from './figures.js';

const width = 760;
const labelWidth = 200;
const valueWidth = 150;
const rowHeight = 30;
const top = 44;

/** Draws a bar chart with the median CPU time of each peer, and a line from minimum to maximum. */
export function barsSvg(result: WorkloadResult): string {
  const bars = result.peers.flatMap((peer) => {
    const cpu = figure(peer, 'cpuUs');
    return cpu === undefined ? [] : [{ peer, cpu }];
  });
  const greatest = Math.max(1e-9, ...bars.map(({ cpu }) => cpu.max));
  const scale = (width - labelWidth - valueWidth) / greatest;
  const height = top + bars.length * rowHeight + 10;
  const rows = bars.map(({ peer, cpu }, i) => {
    const y = top + i * rowHeight;
    const middle = y + 11;
    const from = labelWidth + cpu.min * scale;
    const to = labelWidth + cpu.max * scale;
    return [
      `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(peer.title)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${(cpu.median * scale).toFixed(1)}" height="22" fill="${colour(peer)}"/>`,
      `<path d="M${from.toFixed(1)} ${middle}H${to.toFixed(1)}" stroke="#222" stroke-width="1.5"/>`,
      `<text x="${(to + 8).toFixed(1)}" y="${middle + 4}">${escapeXml(valueText(result, peer, cpu.median))}</text>`,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="20" font-size="14" font-weight="bold">${escapeXml(result.title)}</text>`,
    `<text x="10" y="36" fill="#555">CPU of the server for each ${escapeXml(result.unit)}; less is better</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function colour({ name }: PeerOutcomes): string {
  return /^(sc-server|ndata-store)/.test(name) ? '#2a7' : '#9ab';
}

function valueText(result: WorkloadResult, peer: PeerOutcomes, median: number): string {
  const multiple = ratio(result, peer, 'cpuUs');
  const value = `${median < 10 ? median.toFixed(2) : median.toFixed(1)} µs`;
  return multiple === undefined ? value : `${value}, ${multiple.toFixed(2)} ×`;
}
