import { describe, expect, it } from '@jest/globals';
import { MetricsBook } from '../../src/cluster/metrics/metrics-book.js';

const slot = { role: 'worker', id: 0 };

describe('the sums of a slot', () => {
  it('have what processes counted that have ended, and the states of those that run', () => {
    const book = new MetricsBook();
    const [first, second] = [{}, {}];
    book.report(first, slot, { sc_connections_total: 5, sc_clients: 5, sc_closes_total: { 1000: 2 } }, false);
    book.report(first, slot, { sc_connections_total: 7, sc_clients: 6, sc_closes_total: { 1000: 3 } }, false);
    book.report(second, slot, { sc_connections_total: 1, sc_clients: 1, sc_closes_total: { 1001: 1 } }, false);
    const both = { sc_connections_total: 8, sc_clients: 7, sc_closes_total: { 1000: 3, 1001: 1 } };
    expect(book.of(slot)).toEqual(both);
    book.report(first, slot, { sc_connections_total: 7, sc_clients: 0, sc_closes_total: { 1000: 9 } }, true);
    expect(book.ended(first, slot)).toBe(false);
    expect(book.of(slot)).toEqual({ ...both, sc_clients: 1, sc_closes_total: { 1000: 9, 1001: 1 } });
    expect(book.of({ role: 'worker', id: 1 })).toEqual({});
    expect(book.of({ role: 'store', id: 0 })).toEqual({});
  });

  it('say that the last counts of a process are missing, once', () => {
    const book = new MetricsBook();
    const member = {};
    expect(book.ended(member, slot)).toBe(false);
    book.report(member, slot, { sc_connections_total: 1 }, false);
    expect(book.ended(member, slot)).toBe(true);
    expect(book.ended(member, slot)).toBe(false);
    expect(book.of(slot)).toEqual({ sc_connections_total: 1 });
  });

  const garbage: readonly unknown[] = [
    undefined,
    null,
    'text',
    7,
    [],
    { sc_connections_total: '5', sc_clients: Number.NaN, sc_channels: -1, other: 5, toString: 1, __proto__: { a: 1 } },
    { sc_connections_total: { 1: 1 }, sc_closes_total: 5, sc_messages_sent_total: Infinity },
  ];
  it.each(garbage.map((report) => ({ report })))('take nothing that is no count: $report', ({ report }) => {
    const book = new MetricsBook();
    book.report({}, slot, report, false);
    expect(book.of(slot)).toEqual({});
  });

  it('hold as many series as there are, however many a process makes up', () => {
    const book = new MetricsBook();
    const codes = Object.fromEntries(Array.from({ length: 5_000 }, (_, code) => [`c${code}`, 1]));
    book.report({}, slot, { sc_closes_total: { ...codes, ['x'.repeat(100)]: 1 } }, false);
    const { sc_closes_total: closes = {} } = book.of(slot);
    expect(Object.keys(closes).length).toBe(65);
    expect((closes as Record<string, number>)['other']).toBe(5_001 - 64);
  });
});
