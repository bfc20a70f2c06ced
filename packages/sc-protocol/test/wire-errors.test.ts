import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ResourceLimitError, ScError, dehydrateError, hydrateError } from '../src/index.js';
import { runs } from './seed.js';

describe('dehydrateError', () => {
  it('sends name, message, code and own data, never a stack or a cause', () => {
    const error = new ResourceLimitError('Too many', { limit: 'channels' }, { cause: new Error('secret') });
    expect(dehydrateError(Object.assign(error, { details: { list: [1, 'a', null] }, stack: 'at /home' }))).toEqual({
      name: 'ResourceLimitError',
      message: 'Too many',
      code: 'SC_RESOURCE_LIMIT',
      limit: 'channels',
      details: { list: [1, 'a', null] },
    });
    expect(dehydrateError(new TypeError('x'))).toEqual({ name: 'TypeError', message: 'x' });
  });

  it('makes an error of whatever else is thrown', () => {
    expect(dehydrateError('Denied')).toEqual({ name: 'Error', message: 'Denied' });
    expect(dehydrateError(7)).toEqual({ name: 'Error', message: '7' });
    expect(dehydrateError(true)).toEqual({ name: 'Error', message: 'true' });
    for (const nothing of [undefined, null, {}, () => 'source', { message: {} }])
      expect(dehydrateError(nothing)).toEqual({ name: 'Error', message: 'Unknown error' });
  });

  it('leaves out what cannot or should not be sent', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle['self'] = cycle;
    const error = Object.assign(new Error('x'), {
      cycle,
      fn: () => 1,
      nan: NaN,
      big: 1n,
      inner: new Error('inside'),
      date: new Date(0),
      nested: { stack: 'at', name: 'kept', message: 'kept' },
    });
    expect(dehydrateError(error)).toEqual({
      name: 'Error',
      message: 'x',
      cycle: { a: 1 },
      inner: { name: 'Error', message: 'inside' },
      date: '1970-01-01T00:00:00.000Z',
      nested: { name: 'kept', message: 'kept' },
    });
  });

  it('bounds the work for data that is very deep', () => {
    let deep: object = {};
    for (let i = 0; i < 100_000; i++) deep = { deep };
    expect(dehydrateError(Object.assign(new Error('x'), deep))).toMatchObject({ message: 'x' });
  });
});

describe('hydrateError', () => {
  it('gives an Error with the same data', () => {
    const error = hydrateError({ name: 'MyError', message: 'm', code: 'SC_X', limit: 3, at: { a: 1 } });
    expect(error).toBeInstanceOf(ScError);
    expect(Object.assign({}, error)).toEqual({ code: 'SC_X', limit: 3, at: { a: 1 } });
    expect([error.name, error.message]).toEqual(['MyError', 'm']);
  });

  it('takes text and anything else an early server may send', () => {
    expect(hydrateError('Denied')).toEqual(new Error('Denied'));
    expect(hydrateError({ message: 'm', code: 4008 })).toMatchObject({ message: 'm', code: 4008 });
    expect(hydrateError(null).message).toBe('Unknown error');
  });

  it('pollutes nothing and takes no stack from outside', () => {
    const error = hydrateError(JSON.parse('{"message":"m","__proto__":{"polluted":1},"stack":"fake","constructor":1}'));
    expect('polluted' in error).toBe(false);
    expect(error.stack).not.toBe('fake');
    expect(error.constructor).toBe(Error);
  });

  it('gives back what was dehydrated', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (name, message, data) => {
        const wire = JSON.parse(JSON.stringify(dehydrateError({ ...data, name, message }))) as object;
        expect(dehydrateError(hydrateError(wire))).toEqual(wire);
      }),
      runs(300),
    );
  });

  it('gives an error that can be printed, whatever keys came', () => {
    const wire = JSON.parse(
      '{"message":"m","toString":1,"valueOf":2,"__proto__":{"toString":3},"hasOwnProperty":4,"kept":5}',
    ) as unknown;
    const error = hydrateError(wire);
    expect([`${error}`, String(error), Object.assign({}, error)]).toEqual(['Error: m', 'Error: m', { kept: 5 }]);
  });
});
