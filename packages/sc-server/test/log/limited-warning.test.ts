import { describe, expect, it } from '@jest/globals';
import { createLimitedWarning } from '../../src/log/limited-warning.js';

describe('a limited warning', () => {
  it('comes at most once a second, and says how many were left out', () => {
    const warnings: unknown[] = [];
    const ignore = () => undefined;
    const logger = { error: ignore, info: ignore, debug: ignore, warn: (...call: unknown[]) => warnings.push(call) };
    let time = 0;
    const warn = createLimitedWarning(logger, 'Bad handshake', () => time);
    const error = new Error('x');
    warn(error);
    warn(error);
    time = 999;
    warn(error);
    time = 1000;
    warn(error);
    time = 2000;
    warn(error);
    expect(warnings).toEqual([
      ['Bad handshake', { error }],
      ['Bad handshake', { error, leftOut: 2 }],
      ['Bad handshake', { error }],
    ]);
  });
});
