import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogEntry } from '../../src/log/entry.js';
import { formatJson, formatPretty } from '../../src/log/format.js';

const plain: LogEntry = {
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  level: 'error',
  origin: { role: 'worker', id: 1, pid: 77 },
  message: 'It failed',
  details: { code: 1, signal: undefined },
};
const entry: LogEntry = {
  ...plain,
  error: { name: 'Error', message: 'why', code: 'X', stack: 'Error: why\n    at here' },
};

describe('the JSON form of a log entry', () => {
  it('is one line with time, level, origin, message, details and error', () => {
    expect(formatJson(entry).endsWith('}\n')).toBe(true);
    expect(JSON.parse(formatJson(entry))).toEqual({
      time: '2026-01-02T03:04:05.006Z',
      level: 'error',
      role: 'worker',
      id: 1,
      pid: 77,
      message: 'It failed',
      code: 1,
      error: { name: 'Error', message: 'why', code: 'X', stack: 'Error: why\n    at here' },
    });
  });

  it('lets no detail pass for a field of the entry', () => {
    const details = { time: 'never', level: 'debug', role: 'supervisor', id: 9, pid: 9, message: 'forged', error: 'x' };
    expect(JSON.parse(formatJson({ ...plain, details }))).toEqual({
      time: '2026-01-02T03:04:05.006Z',
      level: 'error',
      role: 'worker',
      id: 1,
      pid: 77,
      message: 'It failed',
      ...Object.fromEntries(Object.entries(details).map(([name, value]) => [`detail.${name}`, value])),
    });
  });

  it('lets nothing in a message or detail begin a line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = formatJson({ ...entry, message: text, details: { text } });
        expect(line.slice(0, -1)).not.toMatch(/[\n\r\u0085\u2028\u2029\u001b\u009b]/);
        expect(JSON.parse(line)).toMatchObject({ message: text, text });
      }),
    );
  });
});

describe('the terminal form of a log entry', () => {
  it('has the error below, indented', () => {
    const lines = formatPretty(entry, false).split('\n');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d error worker 1 \(77\) It failed code=1$/);
    expect(lines.slice(1)).toEqual(['    Error: why', '    at here', '']);
  });

  it('uses colours only when asked to', () => {
    expect(formatPretty(entry, false)).not.toContain('\u001b');
    expect(formatPretty(entry, true)).toContain('\u001b[31merror');
  });

  it('lets no control character of a message, detail or stack through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = formatPretty({ ...plain, message: text, details: { text, [text]: 1 } }, false);
        expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
