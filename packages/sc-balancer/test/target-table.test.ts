import { describe, expect, it } from '@jest/globals';
import { TargetTable } from '../src/targets/target-table.js';

describe('the table of targets', () => {
  const table = () =>
    new TargetTable<{ id: string }>({
      policy: 'leastConnections',
      rampMs: 2000,
      ejectMs: 2000,
      now: () => 1000,
      random: () => 0.5,
    });

  it('shares evenly at once between targets that are there before the first connection', () => {
    const targets = table();
    targets.add({ id: 'a' });
    targets.add({ id: 'b' });
    const chosen = Array.from({ length: 4 }, () => {
      const entry = targets.choose(undefined, () => true);
      if (entry !== undefined) entry.connections++;
      return entry?.id;
    });
    expect(chosen.sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  it('lets a target that comes to others with connections begin slowly', () => {
    const targets = table();
    targets.add({ id: 'a' }).connections = 10;
    targets.add({ id: 'b' });
    expect(targets.choose(undefined, () => true)?.id).toBe('a');
  });

  it('passes over a target that has left a connection unanswered, unless all have', () => {
    let now = 1_000;
    const targets = new TargetTable<{ id: string }>({
      policy: 'leastConnections',
      rampMs: 0,
      ejectMs: 2000,
      now: () => now,
      random: () => 0.5,
    });
    const [a, b] = [targets.add({ id: 'a' }), targets.add({ id: 'b' })];
    b.connections = 5;
    const settle = targets.offer(a);
    expect(targets.choose(undefined, () => true)?.id).toBe('a');
    now += 300;
    targets.offer(a);
    expect(targets.choose(undefined, () => true)?.id).toBe('b');
    const settleOther = targets.offer(b);
    now += 300;
    expect(targets.choose(undefined, () => true)?.id).toBe('a');
    settleOther();
    settle();
    expect(targets.choose(undefined, () => true)?.id).toBe('b');
  });

  it('refuses the same id twice and forgets a removed one', () => {
    const targets = table();
    targets.add({ id: 'a' });
    expect(() => targets.add({ id: 'a' })).toThrow('Target "a" already exists');
    expect([targets.remove('a'), targets.remove('a')]).toEqual([true, false]);
    expect(targets.choose(undefined, () => true)).toBeUndefined();
  });

  it('counts connections that move to another target for that one, also when they end', () => {
    const targets = table();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => targets.add({ id }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('A target is missing');
    a.connections = 3;
    targets.succeed('a', 'b');
    targets.remove('a');
    b.connections += 1;
    targets.succeed('b', 'c');
    expect([a.connections, b.connections, c.connections]).toEqual([0, 0, 4]);
    for (const entry of [a, b, c]) targets.release(entry);
    expect(c.connections).toBe(1);
    targets.succeed('gone', 'c');
    targets.succeed('c', 'c');
    expect(c.connections).toBe(1);
  });
});
