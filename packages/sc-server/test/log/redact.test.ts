import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CentralLog } from '../../src/log/central-log.js';
import type { LogEntry } from '../../src/log/entry.js';
import { formatJson } from '../../src/log/format.js';
import { redactText } from '../../src/log/redact.js';

// Header, claims and signature of a token, as they look.
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl-_';

function logged(message: string, details: object = {}): LogEntry {
  const entries: LogEntry[] = [];
  new CentralLog('debug', { write: (entry) => entries.push(entry) })
    .from({ role: 'worker', id: 1 })
    .info(message, details);
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

  it('shows no token in an error among the details, in a URL, or in an object of a class', () => {
    class Request {
      readonly url = new URL('wss://ada:f6@example.org/?auth_token=g7');
      readonly headers = new Map([['Cookie', 'h8']]);
      readonly cookies = 'i9';
    }
    const cause = Object.assign(new Error(`why ${token}`), { authorization: 'j0' });
    const { details } = logged('failed', {
      request: new Request(),
      failure: new Error('what', { cause }),
      list: new Set([token]),
    });
    expect(JSON.stringify(details)).not.toMatch(/f6|g7|h8|i9|j0|eyJ/);
    expect(details).toMatchObject({
      request: { url: 'wss://ada:[redacted]@example.org/?auth_token=[redacted]' },
      failure: { name: 'Error', message: 'what', cause: { message: 'why [redacted]' } },
    });
  });

  it('tells what caused an error, without its secrets', () => {
    const { error } = logged('failed', { error: new Error('what', { cause: new Error(`Bearer ${token}`) }) });
    expect(error?.stack).toMatch(/^Error: what\n[^]*\n\[cause\]: Error: Bearer \[redacted\]\n {4}at /);
    const ring = new Error('round');
    ring.cause = ring;
    expect(logged('failed', { error: ring }).error?.stack?.match(/\[cause\]/g)).toHaveLength(4);
  });

  it('writes a detail that holds itself, and one that JSON does not know', () => {
    const ring: Record<string, unknown> = { size: 10n };
    ring['own'] = ring;
    const line = formatJson(logged('round', { ring }));
    expect(JSON.parse(line)).toMatchObject({ ring: { size: '10', own: { size: '10' } } });
    expect(line).toContain('[too deep]');
  });

  it('takes a token out of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        expect(redactText(`${before} ${token} ${after}`)).not.toContain(token);
      }),
    );
  });

  it.each(['eyJabcde', 'eyJabcde.', '?token', 'a://b:', '-----BEGIN PRIVATE KEY-----', 'cookie: ', 'bearer '])(
    'cuts a text that is too long, and takes no time for one that repeats %s',
    (piece) => {
      const text = redactText(piece.repeat(1_000_000));
      expect(text.length).toBeLessThan(100_000);
      expect(text).toMatch(/\[\d+ more characters\]$|\[redacted\]$/);
    },
  );

  it.each([
    [`token: ${token}, more`, 'token: [redacted], more'],
    [`Authorization: Bearer ${token}`, 'Authorization: Bearer [redacted]'],
    ["authorization: 'Basic dXNlcjpwYXNz',", "authorization: 'Basic [redacted]',"],
    ["  cookie: 'sid=1; other=2',", '  cookie: [redacted]'],
    ['"set-cookie": "sid=1"', '"set-cookie": [redacted]'],
    ['GET /socketcluster/?token=abc123&x=1', 'GET /socketcluster/?token=[redacted]&x=1'],
    ['/?x=1&signedAuthToken=abc&refresh_token=def;y', '/?x=1&signedAuthToken=[redacted]&refresh_token=[redacted];y'],
    ['redis://user:hunter2@host:6379/0', 'redis://user:[redacted]@host:6379/0'],
    ['http://localhost:8000/a@b', 'http://localhost:8000/a@b'],
    [`${token}.two.more`, '[redacted]'],
    ['key -----BEGIN PRIVATE KEY-----\nMIIB+/=\n-----END PRIVATE KEY-----\n', 'key [redacted]'],
    ['a user bakes cookies', 'a user bakes cookies'],
    ['eyJ is how they begin', 'eyJ is how they begin'],
  ])('takes secrets out of text: %s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });
});
