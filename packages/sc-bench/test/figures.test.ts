import { describe, expect, it } from '@jest/globals';
import { summarize } from '../src/measure/sample.js';
import { barsSvg } from '../src/report/bars-svg.js';
import { figure, ratio, refusalOf } from '../src/report/figures.js';
import { markdownTable } from '../src/report/markdown-table.js';
import type { PeerOutcomes, WorkloadResult } from '../src/workloads/workload.js';

const peer = (name: string, ...values: (number | string)[]): PeerOutcomes => ({
  name,
  title: `<${name}>`,
  outcomes: values.map((value) => (typeof value === 'number' ? { sample: { cpuUs: value } } : { problem: value })),
});

const result: WorkloadResult = {
  name: 'w',
  title: 'A workload',
  unit: 'echo',
  reference: 'base',
  peers: [peer('base', 10, 30, 20), peer('sc-server', 8, 12), peer('bad', 'lost', 'lost', 5)],
};
const [base, own, bad] = result.peers as [PeerOutcomes, PeerOutcomes, PeerOutcomes];

describe('the figures of a workload', () => {
  it('are the median, the least and the greatest of the rounds', () => {
    expect(summarize([{ cpuUs: 3 }, { cpuUs: 1 }, { cpuUs: 2 }], 'cpuUs')).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarize([{ cpuUs: 1 }, { cpuUs: 2 }], 'cpuUs')).toEqual({ median: 1.5, min: 1, max: 2 });
    expect(summarize([{}], 'cpuUs')).toBeUndefined();
  });

  it('refer to the reference', () => {
    expect(ratio(result, own, 'cpuUs')).toBe(0.5);
    expect(figure(base, 'cpuUs')).toEqual({ median: 20, min: 10, max: 30 });
  });

  it('are refused when half of the rounds or more did not count', () => {
    expect(refusalOf(bad)).toBe('lost');
    expect(figure(bad, 'cpuUs')).toBeUndefined();
    expect(ratio(result, bad, 'cpuUs')).toBeUndefined();
    expect(refusalOf(peer('one', 1, 2, 'lost'))).toBeUndefined();
    expect(refusalOf(peer('none'))).toBe('not measured');
  });

  it('are drawn with titles escaped and refused peers left out', () => {
    const svg = barsSvg(result);
    expect(svg).toContain('&lt;sc-server&gt;');
    expect(svg).not.toContain('bad');
    expect(svg).toContain('10.0 µs, 0.50 ×');
  });

  it('stand in tables with aligned columns', () => {
    expect(markdownTable(['a', 'long'], [['x', '1']])).toBe('| a   | long |\n| --- | ---- |\n| x   | 1    |');
  });
});
