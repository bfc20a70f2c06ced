import { describe, expect, it } from '@jest/globals';
import { Turn } from '../src/turn.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The end of a turn', () => {
  it('runs every task once, in order, and not before', async () => {
    const turn = new Turn();
    const done: string[] = [];
    turn.atEnd(() => done.push('first'));
    turn.atEnd(() => done.push('second'));
    await Promise.resolve();
    expect(done).toEqual([]);
    await nextTurn();
    await nextTurn();
    expect(done).toEqual(['first', 'second']);
  });

  it('leaves a task that comes while tasks run for the next turn', async () => {
    const turn = new Turn();
    const done: string[] = [];
    turn.atEnd(() => {
      done.push('first');
      turn.atEnd(() => done.push('second'));
    });
    await nextTurn();
    expect(done).toEqual(['first']);
    await nextTurn();
    expect(done).toEqual(['first', 'second']);
  });
});
