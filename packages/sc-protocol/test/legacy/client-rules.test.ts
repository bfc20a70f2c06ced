import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentsError, dialects } from '../../src/index.js';
import {
  b6Greeting,
  closeCodeForClient,
  createB6Dialect,
  errorForClient,
  takesBatches,
} from '../../src/legacy/index.js';

const b6Dialect = createB6Dialect('n/app/auth');

const all = [dialects.v2, dialects.v1, dialects.v0, b6Dialect];

describe('errorForClient', () => {
  const error = Object.assign(new InvalidArgumentsError('Wrong', { field: 'a' }), { stack: 'at /home/me/app.js' });

  it.each([dialects.v2, dialects.v1])('gives $name all data of an error', (dialect) => {
    expect(errorForClient(dialect, error)).toEqual({
      name: 'InvalidArgumentsError',
      message: 'Wrong',
      code: 'SC_INVALID_ARGUMENTS',
      field: 'a',
    });
  });

  it.each([dialects.v0, b6Dialect])('gives $name what it knows of an error', (dialect) => {
    expect(errorForClient(dialect, error)).toEqual({ name: 'InvalidArgumentsError', message: 'Wrong' });
  });

  it.each(all)('gives $name text as it is, and something for nothing', (dialect) => {
    expect(errorForClient(dialect, 'Denied')).toBe('Denied');
    expect(errorForClient(dialect, '')).toEqual({ name: 'Error', message: '' });
    expect(errorForClient(dialect, undefined)).toEqual({ name: 'Error', message: 'Unknown error' });
  });
});

describe('closeCodeForClient', () => {
  it('leaves codes alone for clients that come back after any', () => {
    for (const dialect of [dialects.v2, dialects.v1])
      for (const code of [1000, 1001, 4001, 4011, 4500]) expect(closeCodeForClient(dialect, code)).toBe(code);
  });

  it('picks codes after which early clients come back, and keeps those of applications', () => {
    const codes = [1000, 1001, 4000, 4001, 4009, 4011, 4321, 4500];
    expect(codes.map((code) => closeCodeForClient(dialects.v0, code))).toEqual([
      1000, 4003, 4000, 4001, 4003, 4003, 4321, 4500,
    ]);
    expect(codes.map((code) => closeCodeForClient(b6Dialect, code))).toEqual([
      1000, 4002, 4000, 4001, 4002, 4002, 4321, 4500,
    ]);
  });
});

describe('takesBatches', () => {
  it('sends arrays only to clients that are known to read them', () => {
    expect(all.map((dialect) => [dialect.name, takesBatches(dialect, false), takesBatches(dialect, true)])).toEqual([
      ['v2', true, true],
      ['v1', false, true],
      ['v0', false, false],
      ['b6', false, false],
    ]);
    expect([takesBatches(undefined, false), takesBatches(undefined, true)]).toEqual([false, true]);
  });
});

describe('b6Greeting', () => {
  it('says the status under both names, with nothing these clients do not know', () => {
    const data = { id: 's1', isAuthenticated: false, pingTimeout: 20_000 };
    expect(b6Greeting({ ...data, features: ['batch'] })).toEqual([
      { type: 'event', name: '#ready', data, callId: undefined },
      { type: 'event', name: '#status', data, callId: undefined },
    ]);
    const authError = { name: 'AuthTokenExpiredError', message: 'Expired' };
    expect(b6Greeting({ ...data, authError })[1]?.data).toEqual({ ...data, authError });
  });
});
