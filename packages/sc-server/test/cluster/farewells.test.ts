import { describe, expect, it } from '@jest/globals';
import { Farewells } from '../../src/cluster/delivery/drain-acks.js';

function watched() {
  const unreachable: string[] = [];
  return { unreachable, farewells: new Farewells<string, string>((worker) => unreachable.push(worker)) };
}

describe('the farewell of a worker behind balancers', () => {
  it('is over when every balancer knows the targets without it, or newer ones', () => {
    const { farewells, unreachable } = watched();
    farewells.begin('worker', 3, ['a', 'b']);
    farewells.heard('a', 3);
    farewells.heard('b', 2);
    expect(unreachable).toEqual([]);
    farewells.heard('b', 4);
    farewells.heard('b', 5);
    expect(unreachable).toEqual(['worker']);
  });

  it('does not wait for a balancer that has ended, and is over at once without any', () => {
    const { farewells, unreachable } = watched();
    farewells.begin('one', 1, ['a', 'b']);
    farewells.heard('a', 1);
    farewells.gone('b');
    farewells.begin('other', 2, []);
    expect(unreachable).toEqual(['one', 'other']);
  });

  it('is forgotten when the worker ends first', () => {
    const { farewells, unreachable } = watched();
    farewells.begin('worker', 1, ['a']);
    farewells.forget('worker');
    farewells.heard('a', 1);
    expect(unreachable).toEqual([]);
  });
});
