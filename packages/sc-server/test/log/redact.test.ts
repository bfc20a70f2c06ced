import { describe, expect, it } from '@jest/globals';
import { CentralLog } from '../../src/log/central-log.js';
import type { LogEntry } from '../../src/log/entry.js';
import { redactText } from '../../src/log/redact.js';

// Header, claims and signature of a token, as they look.
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl-_';

function logged(message: string, details: object = {}): LogEntry {
  const entries: LogEntry[] = [];
  new CentralLog('debug', (entry) => entries.push(entry)).from({ role: 'worker', id: 1 }).info(message, details);
  return entries[0]!;
}

describe('the central log', () => {
  it('shows no token, cookie, key or password, however the field is written and wherever it lies', () => {
    const details = {
      authToken: 'a1',
      user: { name: 'ada', request: { headers: { Cookie: 'b2', 'set-cookie': ['b3'], authorization: 'c3' } } },
      list: [{ auth_key: 'd4' }, { password: 'e5' }],
    };
    const text = JSON.stringify(logged('hello', details));
    expect(text).not.toMatch(/a1|b2|b3|c3|d4|e5/);
    expect(text).toContain('ada');
  });

  it('shows no token in the text of an error or its stack', () => {
    const { error } = logged('failed', { error: new Error(`bad token ${token}`) });
    expect(error?.message).toBe('bad token [redacted]');
    expect(error?.stack).not.toContain('eyJ');
  });

  it.each([
    [`token: ${token}, more`, 'token: [redacted], more'],
    [`Authorization: Bearer ${token}`, 'Authorization: Bearer [redacted]'],
    ["authorization: 'Basic dXNlcjpwYXNz',", "authorization: 'Basic [redacted]',"],
    ["  cookie: 'sid=1; other=2',", '  cookie: [redacted]'],
    ['"set-cookie": "sid=1"', '"set-cookie": [redacted]'],
    ['GET /socketcluster/?token=abc123&x=1', 'GET /socketcluster/?token=[redacted]&x=1'],
    ['a user bakes cookies', 'a user bakes cookies'],
    ['eyJ is how they begin', 'eyJ is how they begin'],
  ])('takes secrets out of text: %s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });
});
