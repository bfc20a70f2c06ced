import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseTarget } from '../src/targets/target-choice.js';
import type { ChoiceQuestion, TargetLoad } from '../src/targets/target-choice.js';

const question = (changes: Partial<ChoiceQuestion> = {}): ChoiceQuestion => ({
  policy: 'leastConnections',
  now: 100_000,
  rampMs: 2_000,
  turn: 0,
  random: () => 0.5,
  address: undefined,
  ...changes,
});
const load = (id: string, connections: number, changes: Partial<TargetLoad> = {}): TargetLoad => ({
  id,
  connections,
  addedAt: 0,
  ejectedUntil: 0,
  ...changes,
});
const chosen = (targets: readonly TargetLoad[], changes: Partial<ChoiceQuestion> = {}): string | undefined =>
  chooseTarget(targets, question(changes))?.id;

describe('The choice of a target', () => {
  it('is nobody when there is nobody', () => {
    for (const policy of ['leastConnections', 'roundRobin', 'byAddress'] as const) {
      expect(chosen([], { policy })).toBeUndefined();
    }
  });

  it('is the one with the fewest connections; equals take turns', () => {
    const targets = [load('a', 2), load('b', 1), load('c', 1)];
    expect([0, 1, 2, 3, 4, 5].map((turn) => chosen(targets, { turn }))).toEqual(['b', 'b', 'c', 'b', 'b', 'c']);
  });

  it('turns round when told to, whatever the connections', () => {
    const targets = [load('a', 9), load('b', 0), load('c', 5)];
    expect([0, 1, 2, 3].map((turn) => chosen(targets, { turn, policy: 'roundRobin' }))).toEqual(['a', 'b', 'c', 'a']);
  });

  it('passes over ejected targets unless there is no other', () => {
    const ejected = { ejectedUntil: 100_001 };
    expect(chosen([load('a', 0, ejected), load('b', 5)])).toBe('b');
    expect(chosen([load('a', 0, ejected), load('b', 5, ejected)])).toBe('a');
    expect(chosen([load('a', 0, { ejectedUntil: 100_000 }), load('b', 5)])).toBe('a');
  });

  it('gives a newcomer a share that grows over the ramp', () => {
    const shareAt = (age: number): number => {
      const targets = [load('old', 1000), load('new', 0, { addedAt: 100_000 - age })];
      const draws = Array.from({ length: 100 }, (_, i) => i / 100);
      return draws.filter((draw) => chosen(targets, { random: () => draw }) === 'new').length;
    };
    expect([0, 500, 1000, 1500, 1999, 5000].map(shareAt)).toEqual([1, 26, 51, 76, 100, 100]);
  });

  it('chooses a newcomer when there are only newcomers', () => {
    expect(chosen([load('a', 0, { addedAt: 100_000 })], { random: () => 0.99 })).toBe('a');
  });

  it('moves only the addresses of a target that goes when it goes by address', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(ids, fc.nat(), fc.array(fc.ipV4(), { minLength: 1, maxLength: 50 }), (names, which, addresses) => {
        const targets = names.map((name) => load(name, 0));
        const gone = names[which % names.length];
        const rest = targets.filter(({ id }) => id !== gone);
        for (const address of addresses) {
          const before = chosen(targets, { policy: 'byAddress', address });
          const after = chosen(rest, { policy: 'byAddress', address });
          expect(before === gone || before === after).toBe(true);
        }
      }),
    );
  });

  it('is always one of the least loaded when all are old and in good standing', () => {
    const loads = fc.array(fc.nat(50), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(loads, fc.nat(), (counts, turn) => {
        const target = chooseTarget(
          counts.map((count, i) => load(String(i), count)),
          question({ turn }),
        );
        expect(target?.connections).toBe(Math.min(...counts));
      }),
    );
  });
});
