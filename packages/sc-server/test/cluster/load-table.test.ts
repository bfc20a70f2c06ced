import { describe, expect, it } from '@jest/globals';
import { LoadTable } from '../../src/cluster/metrics/load-table.js';

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

  it('has the connections a second of a balancer, and the commands a second of a store', () => {
    let now = 0;
    const table = new LoadTable(() => now);
    const [balancer, store] = [{}, {}];
    table.report(balancer, { connections: 4, accepted: 10 });
    table.report(store, { connections: 1, commands: 100 });
    now = 2_000;
    table.report(balancer, { connections: 4, accepted: 30 });
    table.report(store, { connections: 1, commands: 1_100 });
    expect(table.of(balancer)).toEqual({ connections: 4, connectionsPerSecond: 10 });
    expect(table.of(store)).toEqual({ connections: 1, commandsPerSecond: 500 });
    now = 5_000;
    expect(table.of(store)).toEqual({ connections: 1, commandsPerSecond: 0 });
  });
});
