import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { metricFamilies, type MetricFamily } from '../src/metrics/families.js';
import {
  callOutcomes,
  catchUpResults,
  outboundCallOutcomes,
  publicationOutcomes,
  refusalRules,
} from '../src/metrics/server-counters.js';

const text = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `(sc_\w+)` +\| (\w+) +\| (?:`(\w+)`)? *\| (.+?) *\|$/gm)].map(
  ([, name = '', type, label, help]) => ({ name, type, label, help }),
);

describe('docs/metrics.md', () => {
  it('has a row for every metric, and for nothing else', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(metricFamilies).sort());
  });

  it('has the type, the label and the help of each', () => {
    for (const { name, ...stated } of rows) {
      const { type, label, help }: MetricFamily = metricFamilies[name as keyof typeof metricFamilies];
      expect({ name, ...stated }).toEqual({ name, type, label, help });
    }
  });

  it('names every value that the labels of clients can have', () => {
    const values = [callOutcomes, catchUpResults, outboundCallOutcomes, publicationOutcomes, refusalRules].flat();
    expect(values.filter((value) => !text.includes(`\`${value}\``))).toEqual([]);
  });
});
