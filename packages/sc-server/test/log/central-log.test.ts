import { describe, expect, it } from '@jest/globals';
import { CentralLog } from '../../src/log/central-log.js';
import { createLoggerSink } from '../../src/log/sinks.js';
import { createLogger } from '../../src/log/create-logger.js';
import { parseLogLevel, type LogEntry, type LogSink } from '../../src/log/entry.js';

const noFallback = (): never => {
  throw new Error('No fallback is expected');
};

describe('the central log', () => {
  const collect = (threshold: Parameters<typeof parseLogLevel>[0]) => {
    const entries: LogEntry[] = [];
    const log = new CentralLog(parseLogLevel(threshold), { write: (entry) => entries.push(entry) }).from({
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
    new CentralLog('info', { write: (entry) => entries.push(entry) })
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
    const sink = createLoggerSink(
      {
        error: keep('error'),
        warn: keep('warn'),
        info: keep('info'),
        debug: keep('debug'),
      },
      noFallback,
    );
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

describe('what the application writes', () => {
  it('passes every level', () => {
    const entries: LogEntry[] = [];
    const log = new CentralLog('silent', { write: (entry) => entries.push(entry) });
    const entry = { time: 0, level: 'info', origin: { role: 'worker', id: 0 }, message: 'hello' } as const;
    log.write({ ...entry, stream: 'stdout' });
    log.write(entry);
    expect(entries.map(({ stream }) => stream)).toEqual(['stdout']);
  });
});

describe('a central log', () => {
  it('changes its level', () => {
    const entries: LogEntry[] = [];
    const log = new CentralLog('error', { write: (entry) => entries.push(entry) });
    const logger = log.from({ role: 'supervisor' });
    logger.debug('before');
    log.setThreshold('debug');
    logger.debug('after');
    expect(entries.map(({ message }) => message)).toEqual(['after']);
  });

  it('takes details and errors that cannot be read', () => {
    const entries: LogEntry[] = [];
    const logger = new CentralLog('info', { write: (entry) => entries.push(entry) }).from({ role: 'supervisor' });
    const odd = () => {
      throw new Error('no');
    };
    logger.warn('Odd details', { inner: Object.defineProperty({}, 'x', { get: odd, enumerable: true }) });
    logger.warn('Odd error', { error: Object.defineProperty(new Error('x'), 'message', { get: odd }) });
    expect(entries).toMatchObject([
      { message: 'Odd details', details: { details: 'could not be read' } },
      { message: 'Odd error', error: { message: 'An error that cannot be printed' } },
    ]);
  });
});

describe("a user's logger that fails", () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('closed');
      },
    ],
    ['rejects', () => Promise.reject(new Error('closed'))],
  ])('costs no entry when it %s, and is named once', async (_how, fail) => {
    const entries: LogEntry[] = [];
    const fallback: LogSink = { write: (entry) => entries.push(entry) };
    const logger = { error: fail, warn: fail, info: fail, debug: fail };
    const log = new CentralLog(
      'info',
      createLoggerSink(logger, () => fallback),
    ).from({ role: 'supervisor' });
    log.info('one');
    log.info('two');
    await new Promise((resolve) => setImmediate(resolve));
    expect(entries.map(({ message }) => message)).toEqual([
      'The option `logger` failed; the entries it does not take are written here',
      'one',
      'two',
    ]);
  });
});
