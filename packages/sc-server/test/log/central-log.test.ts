import { describe, expect, it } from '@jest/globals';
import { CentralLog, createLoggerSink } from '../../src/log/central-log.js';
import { createLogger } from '../../src/log/create-logger.js';
import { parseLogLevel, type LogEntry } from '../../src/log/entry.js';

describe('the central log', () => {
  const collect = (threshold: Parameters<typeof parseLogLevel>[0]) => {
    const entries: LogEntry[] = [];
    const log = new CentralLog(parseLogLevel(threshold), (entry) => entries.push(entry)).from({
      role: 'supervisor',
      pid: 1,
    });
    log.error('e');
    log.warn('w');
    log.info('i');
    log.debug('d');
    return entries.map(({ level }) => level);
  };

  it('honours the level for everything, errors too', () => {
    expect(collect('silent')).toEqual([]);
    expect(collect('error')).toEqual(['error']);
    expect(collect('warn')).toEqual(['error', 'warn']);
    expect(collect('info')).toEqual(['error', 'warn', 'info']);
    expect(collect('debug')).toEqual(['error', 'warn', 'info', 'debug']);
  });

  it("takes the original's numbers for levels", () => {
    expect([0, 1, 2, 3].map((level) => parseLogLevel(level))).toEqual(['silent', 'error', 'info', 'debug']);
  });

  it('keeps name, message, code and stack of an error', () => {
    const entries: LogEntry[] = [];
    const error = Object.assign(new TypeError('no'), { code: 'X' });
    new CentralLog('info', (entry) => entries.push(entry))
      .from({ role: 'worker', id: 2 })
      .error('Broken', { error, more: 1 });
    expect(entries).toEqual([
      {
        time: expect.any(Number),
        level: 'error',
        origin: { role: 'worker', id: 2 },
        message: 'Broken',
        details: { more: 1 },
        error: { name: 'TypeError', message: 'no', code: 'X', stack: error.stack },
      },
    ]);
  });

  it("hands entries to the user's logger with their origin", () => {
    const calls: unknown[] = [];
    const keep = (level: string) => (message: string, details?: object) => calls.push([level, message, details]);
    const sink = createLoggerSink({
      error: keep('error'),
      warn: keep('warn'),
      info: keep('info'),
      debug: keep('debug'),
    });
    new CentralLog('info', sink).from({ role: 'store', id: 0, pid: 5 }).warn('Slow', { ms: 3 });
    expect(calls).toEqual([['warn', 'Slow', { role: 'store', id: 0, pid: 5, ms: 3 }]]);
  });
});

describe('the logger of an embedded server', () => {
  it('writes warnings and errors, and nothing else', () => {
    const lines: string[] = [];
    const logger = createLogger((line) => lines.push(line));
    logger.warn('careful', { count: 2 });
    logger.info('fine');
    logger.debug('very fine');
    expect(lines).toEqual([expect.stringMatching(/^\S+Z warn careful \(count=2\)\n$/)]);
  });
});
