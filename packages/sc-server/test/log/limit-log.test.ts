import { describe, expect, it } from '@jest/globals';
import { limitLog } from '../../src/log/limit-log.js';

describe('a limited log', () => {
  function recorder(): { lines: unknown[][]; now: (time: number) => void; log: ReturnType<typeof limitLog> } {
    const lines: unknown[][] = [];
    let time = 0;
    const keep =
      (level: string) =>
      (...call: unknown[]) =>
        void lines.push([level, ...call]);
    const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') };
    return { lines, now: (value) => (time = value), log: limitLog(logger, () => time) };
  }

  it('logs ten entries with one message, then one a second with how many were left out', () => {
    const { lines, now, log } = recorder();
    for (let i = 0; i < 15; i++) log.error('failed', { i });
    expect(lines).toHaveLength(10);
    now(1000);
    log.error('failed', { i: 15 });
    expect(lines.at(-1)).toEqual(['error', 'failed', { i: 15, leftOut: 5 }]);
    log.warn('other');
    expect(lines.at(-1)).toEqual(['warn', 'other']);
  });

  it('passes information as it is', () => {
    const { lines, log } = recorder();
    for (let i = 0; i < 20; i++) log.debug('refused', { i });
    expect(lines).toHaveLength(20);
  });

  it('tells only so many messages apart, whatever names clients choose', () => {
    const { lines, log } = recorder();
    for (let i = 0; i < 1000; i++) log.warn(`The handler of "${i}" failed`);
    expect(lines.length).toBeLessThan(300);
  });
});
