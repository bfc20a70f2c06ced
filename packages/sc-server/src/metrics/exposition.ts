import { familyOf, metricFamilies, type MetricName, type MetricValue } from './families.js';
import { lagBounds } from './lag-histogram.js';

/** The metrics of one process or of the cluster, with the labels that identify the source. */
export interface MetricsSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Partial<Record<MetricName, MetricValue>>>;
}

/** `text` is the Prometheus text format 0.0.4, which every collector reads; `openmetrics` is OpenMetrics 1.0. */
export type MetricsFormat = 'text' | 'openmetrics';

/** Content types of the formats. */
export const metricsContentTypes: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Selects the format from the `accept` header of a request: Prometheus collectors request OpenMetrics by name. */
export function metricsFormatFor(accept: string | undefined): MetricsFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'text';
}

const names = Object.keys(metricFamilies) as MetricName[];

/** Writes metrics: each family once, with the samples of all sources. Families without samples are omitted. */
export function writeMetrics(sources: readonly MetricsSource[], format: MetricsFormat): string {
  const lines: string[] = [];
  for (const name of names) {
    const samples = sources.flatMap((source) => samplesOf(name, source));
    if (samples.length === 0) continue;
    const { type, help } = familyOf(name);
    // In OpenMetrics the family name of a counter has no suffix.
    const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
    lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`, ...samples);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function samplesOf(name: MetricName, { labels, values }: MetricsSource): string[] {
  const value = values[name];
  if (value === undefined) return [];
  if (typeof value === 'number') return [sample(name, labels, value)];
  const { type, label } = familyOf(name);
  if (type === 'histogram') return histogram(name, labels, value);
  return Object.entries(value).map(([text, count]) => sample(name, { ...labels, [label ?? '']: text }, count));
}

function histogram(name: string, labels: Readonly<Record<string, string>>, value: Readonly<Record<string, number>>) {
  let count = 0;
  const buckets = [...lagBounds.map(String), '+Inf'].map((bound) => {
    count += value[bound] ?? 0;
    // OpenMetrics requires bounds as floats.
    const le = /^\d+$/.test(bound) ? `${bound}.0` : bound;
    return sample(`${name}_bucket`, { ...labels, le }, count);
  });
  return [...buckets, sample(`${name}_sum`, labels, value['sum'] ?? 0), sample(`${name}_count`, labels, count)];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${written.length === 0 ? '' : `{${written.join(',')}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
