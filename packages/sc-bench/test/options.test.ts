import { describe, expect, it } from '@jest/globals';
import { parseOptions } from '../src/options.js';

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toMatchObject({ only: [], peers: [], rounds: 3, runMs: 1000, list: false });
  });

  it('takes filters, peers and times', () => {
    expect(
      parseOptions(['--', '--only', 'echo', '--only', 'fan', '--peers', 'a,b', '--rounds', '5', '--seconds', '0.5']),
    ).toMatchObject({ only: ['echo', 'fan'], peers: ['a', 'b'], rounds: 5, runMs: 500 });
  });

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--rouns', '3'])).toThrow('--rouns');
    expect(() => parseOptions(['--rounds', '0'])).toThrow('--rounds must be a number above 0, got 0');
  });
});
