import { describe, expect, it } from '@jest/globals';
import { InvalidFrameError, splitBatch } from '../src/index.js';

describe('splitBatch', () => {
  it('gives the elements of an array, or the one value', () => {
    expect(splitBatch([{ event: 'a' }, { rid: 1 }])).toEqual([{ event: 'a' }, { rid: 1 }]);
    expect(splitBatch({ event: 'a' })).toEqual([{ event: 'a' }]);
    expect(splitBatch('raw')).toEqual(['raw']);
    expect(splitBatch([])).toEqual([]);
  });

  it('does not look into an array within a batch', () => {
    expect(splitBatch([[{ event: 'a' }]])).toEqual([[{ event: 'a' }]]);
  });

  it('refuses more than 1024 frames', () => {
    expect(splitBatch(new Array(1024).fill(1))).toHaveLength(1024);
    expect(() => splitBatch(new Array(1025).fill(1))).toThrow(InvalidFrameError);
    expect(() => splitBatch(new Array(1025).fill(1))).toThrow(
      'Invalid batch frame: length must be at most 1024, got 1025',
    );
  });
});
