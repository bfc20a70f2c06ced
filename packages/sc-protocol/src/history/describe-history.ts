import type { HistoryReport } from './check-history.js';
import type { HistoryEvent } from './history-event.js';
import { showPosition } from './publications.js';

/**
 * The report as text, for a terminal or the message of a failed test: the totals, then the first faults with their log
 * excerpts.
 */
export function describeHistory(report: HistoryReport, maxFaults = 5): string {
  const { attempts, acks, refused, unknown, deliveries, recoveries, failedRecoveries, signalled, counts, faults } =
    report;
  const lines = [
    `${attempts} publishes: ${acks} acknowledged, ${refused} refused, ${unknown} unknown`,
    `${deliveries} deliveries, ${recoveries} subscriptions recovered, ${failedRecoveries} not recovered, ${signalled} misses told`,
    Object.entries(counts)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', '),
  ];
  for (const { kind, client, channel, text, piece } of faults.slice(0, maxFaults)) {
    lines.push(`${kind}: ${client} on "${channel}": ${text}`, ...piece.map((event) => `  ${describeEvent(event)}`));
  }
  if (faults.length > maxFaults) lines.push(`and ${faults.length - maxFaults} more`);
  return lines.join('\n');
}

function describeEvent(event: HistoryEvent): string {
  const { at, client, type } = event;
  const words = [`${at.toFixed(1)} ms`, client, type];
  if ('id' in event) words.push(`"${event.id}"`);
  if ('position' in event) words.push(showPosition(event.position));
  if (event.type === 'fail' && event.isUnknown) words.push('unknown');
  if (event.type === 'subscribe' && event.recovered !== undefined) words.push(`recovered: ${event.recovered}`);
  if ('reason' in event && event.reason !== undefined) words.push(event.reason);
  return words.join(' ');
}
