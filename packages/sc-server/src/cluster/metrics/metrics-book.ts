import {
  isSum,
  metricFamilies,
  type MetricName,
  type MetricValue,
  type MetricsReport,
} from '../../metrics/families.js';

/** The position of a process in the cluster, which its replacements keep. */
export interface Slot {
  readonly role: string;
  readonly id: number;
}

interface Live {
  readonly slot: string;
  readonly report: MetricsReport;
  /** Whether the process reported that this is its last report. */
  readonly isLast: boolean;
}

/**
 * Maximum number of label values per metric in a report; further ones are counted as `other`, to bound the number of
 * time series.
 */
const maxLabelValues = 64;
const maxLabelLength = 64;

/**
 * Metrics by slot. Counters of an exited process are added to those of its slot, so that a counter never decreases;
 * gauges come from live processes only.
 */
export class MetricsBook {
  readonly #live = new Map<object, Live>();
  readonly #ended = new Map<string, MetricsReport>();

  report(member: object, slot: Slot, report: unknown, isLast: boolean): void {
    this.#live.set(member, { slot: keyOf(slot), report: readReport(report), isLast });
  }

  /** Adds the counters of an exited process to its slot. Returns whether its last report is missing. */
  ended(member: object, slot: Slot): boolean {
    const live = this.#live.get(member);
    this.#live.delete(member);
    if (live === undefined) return false;
    const key = keyOf(slot);
    this.#ended.set(key, added(this.#ended.get(key) ?? {}, sumsOf(live.report)));
    return !live.isLast;
  }

  /** Returns the metrics of a slot, including exited processes. */
  of(slot: Slot): MetricsReport {
    const key = keyOf(slot);
    let total = this.#ended.get(key) ?? {};
    for (const live of this.#live.values()) if (live.slot === key) total = added(total, live.report);
    return total;
  }
}

function keyOf({ role, id }: Slot): string {
  return `${role} ${id}`;
}

function sumsOf(report: MetricsReport): MetricsReport {
  return Object.fromEntries(Object.entries(report).filter(([name]) => isSum(name as MetricName)));
}

/** Adds values of the same name and label. */
function added(one: MetricsReport, other: MetricsReport): MetricsReport {
  const total: Partial<Record<MetricName, MetricValue>> = { ...one };
  for (const [name, value] of Object.entries(other) as [MetricName, MetricValue][]) {
    total[name] = addedValue(total[name], value);
  }
  return total;
}

function addedValue(one: MetricValue | undefined, other: MetricValue): MetricValue {
  if (one === undefined) return other;
  if (typeof one === 'number' || typeof other === 'number') return Number(one) + Number(other);
  const total: Record<string, number> = { ...one };
  for (const [label, count] of Object.entries(other)) total[label] = (total[label] ?? 0) + count;
  return total;
}

/** Parses a received report. User code runs in the processes, so accept only known metrics and finite numbers. */
function readReport(report: unknown): MetricsReport {
  const read: Partial<Record<MetricName, MetricValue>> = {};
  for (const [name, value] of Object.entries(Object(report) as object) as [string, unknown][]) {
    if (!Object.hasOwn(metricFamilies, name)) continue;
    const hasLabel = 'label' in metricFamilies[name as MetricName];
    if (hasLabel && typeof value === 'object' && value !== null) read[name as MetricName] = readLabelled(value);
    else if (!hasLabel && isCount(value)) read[name as MetricName] = value;
  }
  return read;
}

function readLabelled(value: object): Readonly<Record<string, number>> {
  const read = Object.create(null) as Record<string, number>;
  let others = 0;
  for (const [label, count] of Object.entries(value) as [string, unknown][]) {
    if (!isCount(count)) continue;
    if (label.length <= maxLabelLength && others < maxLabelValues) read[label] = count;
    else read['other'] = (read['other'] ?? 0) + count;
    others += 1;
  }
  return { ...read };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
