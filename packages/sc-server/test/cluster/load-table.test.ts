import { describe, expect, it } from '@jest/globals';
import { LoadTable } from '../../src/cluster/load-table.js';

describe('the load of a process', () => {
  it('has rates from one report to the next, and none while nothing is reported', () => {
    let now = 0;
    const table = new LoadTable(() => now);
    const member = {};
    expect(table.of(member)).toEqual({});
    const report = (at: number, framesReceived: number, framesSent: number) => {
      now = at;
      table.report(member, { connections: 3, clients: 2, framesReceived, framesSent });
      return table.of(member);
    };
    expect(report(1_000, 10, 20)).toEqual({
      connections: 3,
      clients: 2,
      framesInPerSecond: 10,
      framesOutPerSecond: 20,
    });
    expect(report(3_000, 110, 220)).toMatchObject({ framesInPerSecond: 50, framesOutPerSecond: 100 });
    now = 6_000;
    expect(table.of(member)).toMatchObject({ clients: 2, framesInPerSecond: 0, framesOutPerSecond: 0 });
    expect(report(60_000, 120, 230)).toMatchObject({ framesInPerSecond: 10, framesOutPerSecond: 10 });
  });

  it('has only connections for a balancer or a store', () => {
    const table = new LoadTable();
    const member = {};
    table.report(member, { connections: 4 });
    expect(table.of(member)).toEqual({ connections: 4 });
  });
});
