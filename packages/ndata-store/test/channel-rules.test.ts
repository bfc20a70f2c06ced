import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChannelRules } from '../src/index.js';
import { parseChannelPattern } from '../src/rules/channel-pattern.js';
import { ChannelRuleTable } from '../src/rules/channel-rules.js';

describe('a pattern of channels', () => {
  it.each([
    ['news', 'news', true],
    ['news', 'news/sport', false],
    ['chat/{room}', 'chat/7', true],
    ['chat/{room}', 'chat/', false],
    ['chat/{room}', 'chat/7/typing', false],
    ['chat/{room}/typing', 'chat/7/typing', true],
    ['{app}/{room}', 'a/b', true],
    ['user-{id}.events', 'user-42.events', true],
    ['user-{id}.events', 'user-42xevents', false],
    ['cursor/*', 'cursor/a/b/c', true],
    ['cursor/*', 'cursor/', false],
    ['cursor/*', 'cursors', false],
    ['{app}/*', 'a/b\nc', true],
    ['*', 'anything at all', true],
    ['*', '#sc.users', false],
    ['{name}', '#sc', false],
    ['#sc.*', '#sc.users', true],
    ['a.b', 'axb', false],
  ])('%j matches %j: %j', (pattern, channel, expected) => {
    expect(parseChannelPattern(pattern)(channel)).toBe(expected);
  });

  it.each([
    ['', 'must'],
    ['a*b', 'only as its last character'],
    ['**', 'only as its last character'],
    ['{a}/{a}', 'twice'],
    ['{}', 'a name of letters'],
    ['{1}', 'a name of letters'],
    ['{a', 'close each'],
    ['a}', 'close each'],
    ['{a}{b}', 'one {name} between two slashes'],
    ['{a}*', 'text between'],
    ['7', 'must not be a number'],
  ])('%j is refused', (pattern, reason) => {
    expect(() => parseChannelPattern(pattern)).toThrow(reason);
  });

  it('without placeholders matches exactly the names that begin with its text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/.+?]{1,8}$/), fc.stringMatching(/^[a-z/.+?]{1,12}$/), (text, channel) => {
        expect(parseChannelPattern(`${text}*`)(channel)).toBe(channel.startsWith(text) && channel !== text);
        expect(parseChannelPattern(text)(channel)).toBe(channel === text);
      }),
    );
  });
});

describe('channel rules', () => {
  const rules = {
    'chat/staff': { history: false },
    'chat/{room}': { history: { size: 100, ageMs: 120_000 }, presence: { graceMs: 15_000 } },
    'price/{item}': { last: true },
    'cursor/*': { history: false, scope: 'host' },
  } satisfies ChannelRules;

  it('hold in the order written, the first match alone', () => {
    const table = new ChannelRuleTable(rules);
    expect(table.ruleOf('chat/staff')?.history).toBeUndefined();
    expect(table.ruleOf('chat/7')).toEqual({
      pattern: 'chat/{room}',
      history: { maxSize: 100, maxAgeMs: 120_000 },
      isLast: false,
      refusesWithoutLog: false,
      presence: { graceMs: 15_000 },
      scope: undefined,
    });
    expect(table.ruleOf('price/tea')?.history).toEqual({ maxSize: 1, maxAgeMs: Number.MAX_SAFE_INTEGER });
    expect(table.ruleOf('cursor/1/2')?.scope).toBe('host');
    expect(table.ruleOf('news')).toBeUndefined();
    // Remembered answers are the same.
    expect(table.ruleOf('chat/7')?.pattern).toBe('chat/{room}');
    expect(table.ruleOf('news')).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [[], 'an object of rules'],
    [{ a: true }, '`channels["a"]` must be an object, got true'],
    [{ a: { histroy: false } }, 'did you mean `channels["a"].history`'],
    [{ a: { history: true } }, '`channels["a"].history` must be { size, ageMs } or false, got true'],
    [{ a: { history: { size: 10 } } }, '`channels["a"].history.ageMs` must be a whole number'],
    [{ a: { history: { size: 0, ageMs: 1 } } }, '`channels["a"].history.size` must be a whole number from 1'],
    [{ a: { history: { size: 1, ageMs: 1, max: 1 } } }, '`channels["a"].history.max` is not an option'],
    [{ a: { last: false } }, '`channels["a"].last` must be true or left out, got false'],
    [{ a: { last: true, history: { size: 2, ageMs: 1 } } }, '`history` must be left out'],
    [{ a: { presence: true } }, '`channels["a"].presence` must be { graceMs }, got true'],
    [{ a: { presence: { graceMs: -1 } } }, '`channels["a"].presence.graceMs` must be a whole number from 0'],
    [{ a: { last: true, whenLogFails: 'x' } }, "`channels[\"a\"].whenLogFails` must be 'memory' or 'refuse'"],
    [{ a: { whenLogFails: 'refuse' } }, '`channels["a"].whenLogFails` needs history or last'],
    [{ a: { scope: 'worker' } }, '`channels["a"].scope` must be \'host\' or left out'],
  ])('%j are refused, with the option, the rule and the value', (given, message) => {
    expect(() => new ChannelRuleTable(given as ChannelRules)).toThrow(message);
  });
});
