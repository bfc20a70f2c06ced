import { describe, expect, it } from '@jest/globals';
import {
  checkOptions,
  count,
  nearestName,
  Refusals,
  refuseUnknown,
  requireRule,
  requireWholeNumbers,
  settle,
  showValue,
} from '../../src/kit/index.js';
import { thrownBy } from '../thrown-by.js';

describe('a refusal of options', () => {
  const known = ['workers', 'stores', 'port'];

  it('names the nearest option for one that is not known', () => {
    expect(thrownBy(() => refuseUnknown({ wrokers: 1 }, known, { of: 'SocketCluster' }))).toMatchObject({
      name: 'InvalidOptionsError',
      message: '`wrokers` is not an option of SocketCluster; did you mean `workers`?',
      option: 'wrokers',
    });
  });

  it('names nothing when nothing is near', () => {
    expect(thrownBy(() => refuseUnknown({ zzzzzz: 1 }, known))).toMatchObject({ message: '`zzzzzz` is not an option' });
  });

  it('says what replaced an option that is gone', () => {
    const context = { of: 'X', renamed: { brokers: 'stores' } };
    expect(thrownBy(() => refuseUnknown({ brokers: 1 }, known, context))).toMatchObject({
      message: '`brokers` is not an option of X any more: use stores',
    });
  });

  it('names the group', () => {
    expect(thrownBy(() => refuseUnknown({ prt: 1 }, known, { prefix: 'a.' }))).toMatchObject({
      message: '`a.prt` is not an option; did you mean `a.port`?',
      option: 'a.prt',
    });
  });

  it('says to remove an option that nothing replaces', () => {
    const context = { of: 'X', renamed: { wsEngine: 'nothing: there is one engine' } };
    expect(thrownBy(() => refuseUnknown({ wsEngine: 1 }, known, context))).toMatchObject({
      message: '`wsEngine` is not an option of X any more: remove it; there is one engine',
      remedy: 'remove it; there is one engine',
    });
  });

  it('reports all options at once', () => {
    const table = { port: count({ min: 0 }), workers: count({ min: 1 }) };
    const error = thrownBy(() => checkOptions('X', { port: -1, workers: 0, wrokers: 1 }, table));
    expect(error).toMatchObject({
      name: 'InvalidOptionsError',
      message: [
        '3 options are refused:',
        '  `wrokers` is not an option of X; did you mean `workers`?',
        '  `port` must be a whole number from 0, got -1',
        '  `workers` must be a whole number from 1, got 0',
      ].join('\n'),
      option: 'wrokers',
      errors: [{ option: 'wrokers', remedy: 'did you mean `workers`?' }, { option: 'port' }, { option: 'workers' }],
    });
  });

  it('takes null for "not given"', () => {
    const table = { port: count({ min: 0, default: 8000 }), workers: count({ min: 1 }) };
    expect(() => checkOptions('X', { port: null, workers: null, other: null }, table)).not.toThrow();
    expect(settle(table, { port: null, workers: null })).toEqual({ port: 8000, workers: undefined });
  });

  it('does not check the rule between two options when one of them is refused already', () => {
    const refusals = new Refusals();
    refusals.run(() => requireRule(false, 'port', 'a number', 'x'));
    refusals.runUnlessRefused(['port', 'host'], () => requireRule(false, 'host', 'absent', 'y'));
    expect(refusals.error()).toMatchObject({ message: '`port` must be a number, got "x"' });
  });

  it('does not hide another error', () => {
    expect(() =>
      new Refusals().run(() => {
        throw new TypeError('a bug');
      }),
    ).toThrow(new TypeError('a bug'));
  });

  it('is not deceived by names that every object has', () => {
    expect(thrownBy(() => refuseUnknown({ constructor: 1 }, known, { renamed: {} }))).toMatchObject({
      message: '`constructor` is not an option',
    });
  });

  it('names the option, the rule and the value', () => {
    expect(thrownBy(() => requireRule(false, 'port', 'a number', 'x'))).toMatchObject({
      message: '`port` must be a number, got "x"',
      option: 'port',
    });
    expect(thrownBy(() => requireWholeNumbers({ port: 1.5 }, ['port'], { min: 0, max: 9 }))).toMatchObject({
      message: '`port` must be a whole number from 0 to 9, got 1.5',
    });
    expect(() => requireWholeNumbers({ port: 9 }, ['port'], { min: 0, max: 9 })).not.toThrow();
  });

  it('shows no more of a value than it must', () => {
    expect([
      showValue({ a: 1 }),
      showValue([1]),
      showValue(() => 1),
      showValue(null),
      showValue('x'.repeat(99)).length,
    ]).toEqual(['an object', 'an array', 'a function', 'null', 83]);
  });
});

describe('the nearest name', () => {
  it('is the one with the fewest changes, whatever the case', () => {
    expect(nearestName('WORKER', ['walker', 'workers'])).toBe('workers');
    expect(nearestName('x', ['workers'])).toBeUndefined();
  });
});
