import { describe, expect, it } from '@jest/globals';
import { inheritableExecArgv, inheritableNodeOptions } from '../src/exec-argv.js';
import { WorkerPool } from '../src/index.js';

const good = { role: 'worker', entry: '/x.mjs', count: 1, init: () => ({}) };

describe('Options of a pool', () => {
  it.each([
    [{ count: -1 }, '`count` must be a whole number from 0 to 1024, got -1'],
    [{ role: '' }, '`role` must be a string that is not empty, got ""'],
    [{ entry: undefined }, '`entry` must be the path of a module, got undefined'],
    [{ init: {} }, '`init` must be a function, got an object'],
    [{ readyTimeout: 5 }, '`readyTimeout` is not an option of WorkerPool; did you mean `readyTimeoutMs`?'],
    [{ respawn: 'yes' }, '`respawn` must be true or false, got "yes"'],
    [{ stopTimeoutMs: 1.5 }, '`stopTimeoutMs` must be a whole number from 1 to 2147483647, got 1.5'],
    [{ backoff: { multiplier: 0.5 } }, '`backoff.multiplier` must be at least 1, got 0.5'],
    [{ backoff: { jitter: 2 } }, '`backoff.jitter` must be from 0 to 1, got 2'],
    [{ backoff: { maxDelay: 2 } }, '`backoff.maxDelay` is not an option; did you mean `backoff.maxDelayMs`?'],
    [{ crashLoop: { maxCrashes: -1 } }, '`crashLoop.maxCrashes` must be a whole number from 0 to 2147483647, got -1'],
    [{ outputPolicy: 'wait' }, '`outputPolicy` must be "drop" or "block", got "wait"'],
    [{ heartbeatTimeoutMs: 500 }, '`heartbeatTimeoutMs` must be 0 or more than `heartbeatIntervalMs` (1000), got 500'],
  ])('are refused at once: %j', (options, message) => {
    expect(() => new WorkerPool({ ...good, ...options } as never)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', code: 'SC_INVALID_OPTIONS', message }),
    );
  });

  it("pass on Node's arguments but not the debugger and script text", () => {
    const given = [
      '--import',
      'tsx',
      '--inspect=9229',
      '--inspect-brk',
      '-e',
      'code()',
      '--input-type=module',
      '--max-old-space-size=64',
      '--eval=1',
    ];
    expect(inheritableExecArgv(given)).toEqual(['--import', 'tsx', '--max-old-space-size=64']);
  });

  it.each([
    ['--inspect', ''],
    ['--inspect=127.0.0.1:9229 --enable-source-maps', '--enable-source-maps'],
    ['--require ./a.js --inspect-brk=0 --max-old-space-size=64', '--require ./a.js --max-old-space-size=64'],
    ['--inspect-port 9230 --inspect-wait --no-warnings', '--no-warnings'],
    ['--require "./inspect me.js"', '--require "./inspect me.js"'],
  ])('pass on NODE_OPTIONS without the debugger: %s', (given, expected) => {
    expect(inheritableNodeOptions(given)).toBe(expected);
  });
});
