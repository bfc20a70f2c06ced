import { describe, expect, it } from '@jest/globals';
import { metricsFormatFor, writeMetrics } from '../../src/metrics/exposition.js';
import { LagHistogram } from '../../src/metrics/lag-histogram.js';

describe('metrics as text', () => {
  const sources = [
    { labels: { role: 'worker', id: '0' }, values: { sc_connections_total: 3, sc_clients: 2 } },
    { labels: { role: 'worker', id: '1' }, values: { sc_connections_total: 4, sc_closes_total: { 1000: 1 } } },
  ];

  it('name each family once, with the samples of every process', () => {
    expect(writeMetrics(sources, 'text')).toBe(
      [
        '# HELP sc_connections_total WebSockets that were accepted.',
        '# TYPE sc_connections_total counter',
        'sc_connections_total{role="worker",id="0"} 3',
        'sc_connections_total{role="worker",id="1"} 4',
        '# HELP sc_closes_total WebSockets that were closed, by close code.',
        '# TYPE sc_closes_total counter',
        'sc_closes_total{role="worker",id="1",code="1000"} 1',
        '# HELP sc_clients Clients whose handshake is complete.',
        '# TYPE sc_clients gauge',
        'sc_clients{role="worker",id="0"} 2',
        '',
      ].join('\n'),
    );
  });

  it('are OpenMetrics for a collector that asks for it', () => {
    const text = writeMetrics(sources, 'openmetrics');
    expect(text).toContain('# TYPE sc_connections counter\nsc_connections_total{role="worker",id="0"} 3\n');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(metricsFormatFor('application/openmetrics-text;version=1.0.0,text/plain;q=0.5')).toBe('openmetrics');
    expect(metricsFormatFor('text/plain')).toBe('text');
    expect(metricsFormatFor(undefined)).toBe('text');
  });

  it('escape what a label holds', () => {
    const labels = { role: 'a"b\\c\nd' };
    expect(writeMetrics([{ labels, values: { sc_clients: 1 } }], 'text')).toContain(
      '\nsc_clients{role="a\\"b\\\\c\\nd"} 1\n',
    );
  });

  it('have the lag of the event loop as cumulative buckets; a block counts for all that it held up', () => {
    const lag = new LagHistogram();
    for (const lateMs of [0, 1, 30]) lag.observe(lateMs);
    lag.observe(250);
    const values = { sc_process_event_loop_lag_seconds: lag.snapshot() };
    const text = writeMetrics([{ labels: {}, values }], 'openmetrics');
    const buckets = [...text.matchAll(/_bucket\{le="(.*)"\} (\d+)/g)].map(([, le, count]) => `${le} ${count}`);
    expect(buckets).toEqual([
      '0.005 2',
      '0.01 2',
      '0.025 2',
      '0.05 4',
      '0.1 4',
      '0.25 6',
      '0.5 6',
      '1.0 6',
      '2.5 6',
      '10.0 6',
      '+Inf 6',
    ]);
    expect(text).toContain('_sum 0.481\n');
    expect(text).toContain('_count 6\n');
    expect(text).not.toMatch(/lag_seconds \d/);
  });

  it('do not let one long stop fill the histogram', () => {
    const lag = new LagHistogram();
    lag.observe(24 * 3_600_000);
    expect(lag.snapshot()['+Inf']).toBe(600);
  });
});
