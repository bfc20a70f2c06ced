import { describe, expect, it } from '@jest/globals';
import type { LoadReport } from '../src/load/load-generator.js';
import { problemOf } from '../src/measure/verdict.js';

const good: LoadReport = {
  seconds: 1,
  busy: 0.5,
  messages: 100,
  sent: 10,
  lost: 0,
  extra: 0,
  closed: 0,
  minLength: 120,
  maxLength: 120,
  p50Us: 1,
  p99Us: 2,
  sample: Buffer.from('..payload..').toString('hex'),
};

describe('a run', () => {
  it('counts when everything came back and the server was the limit', () => {
    expect(problemOf(good, 'payload', 0.9)).toBeUndefined();
    expect(problemOf({ ...good, busy: 0.95 }, 'payload', 0.99)).toBeUndefined();
  });

  it.each([
    ['the client was the limit', { busy: 0.95 }],
    ['3 messages were lost', { lost: 3 }],
    ['2 messages came that nobody sent', { extra: 2 }],
    ['the server closed 1 connections', { closed: 1 }],
    ['nothing came back', { messages: 0 }],
    ['instead of one length', { maxLength: 121 }],
    ['did not hold what was sent', { sample: Buffer.from('other').toString('hex') }],
  ])('does not count when %s', (problem, changes) => {
    expect(problemOf({ ...good, ...changes }, 'payload', 0.9)).toContain(problem);
  });
});
