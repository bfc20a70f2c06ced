import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxNameBytes, nameProblem } from '../src/index.js';
import { runs } from './seed.js';

describe('nameProblem', () => {
  it('takes any text up to 255 bytes of UTF-8 without control characters', () => {
    for (const name of ['a', 'chat/room 1', '__proto__', 'constructor', '#x', 'é☃😀', 'a'.repeat(255)]) {
      expect(nameProblem(name)).toBeUndefined();
    }
  });

  it('says what is wrong with others', () => {
    expect(nameProblem(null)).toBe('must be a string, got object');
    expect(nameProblem(['a'])).toBe('must be a string, got object');
    expect(nameProblem({})).toBe('must be a string, got object');
    expect(nameProblem('')).toBe('must not be empty');
    expect(nameProblem('a\u0000')).toBe('must not hold control characters');
    expect(nameProblem('a\u007f')).toBe('must not hold control characters');
    expect(nameProblem('a\u0085')).toBe('must not hold control characters');
    expect(nameProblem('a\u009f')).toBe('must not hold control characters');
    expect(nameProblem('\ud83d')).toBe('must not hold half of a surrogate pair');
    expect(nameProblem('a\ude00b')).toBe('must not hold half of a surrogate pair');
    expect(nameProblem('a'.repeat(256))).toBe('must be at most 255 bytes, got 256');
    expect(nameProblem('☃'.repeat(86))).toBe('must be at most 255 bytes, got 258');
  });

  it('counts bytes as UTF-8 does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (name) => {
        const isFine = Buffer.byteLength(name) <= maxNameBytes && !/[\u0000-\u001f\u007f-\u009f]/.test(name);
        expect(nameProblem(name) === undefined).toBe(isFine);
      }),
      runs(500),
    );
  });
});
