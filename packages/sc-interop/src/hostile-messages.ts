import { readFileSync } from 'node:fs';

/** Returns a pseudorandom integer from 0 (inclusive) to `below` (exclusive). */
export type Random = (below: number) => number;

/** Creates a reproducible generator with `start` as its seed. */
export function randomFrom(start: number): Random {
  let state = start & 0x7fffffff;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

/** Recorded messages of all dialects, except `#disconnect`, with which a client closes its socket with its own code. */
export function recordedMessages(): readonly string[] {
  return ['v2', 'v1', 'v0', 'invalid']
    .flatMap((name) => {
      const file = new URL(`../../sc-protocol/vectors/${name}.json`, import.meta.url);
      return (JSON.parse(readFileSync(file, 'utf8')) as { text: string }[]).map(({ text }) => text);
    })
    .filter((text) => !text.includes('#disconnect'));
}

const tokens = [
  '"cid":',
  '"rid":',
  '"__proto__":',
  '\\ud800',
  '1e999',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  '#2',
  '\u0000',
  '[[',
];
const reserved = [
  ...['#handshake', '#publish', '#subscribe', '#unsubscribe', '#authenticate', '#removeAuthToken'],
  ...['#setAuthToken', '#kickOut', '#status', '#fail', ''],
];
const events = [
  ...['echo', 'note', 'ask', 'push', 'reject', 'whoami', 'logout', 'mute', 'nobody'],
  ...['__proto__', 'constructor', 'toString', 'connection', 'error', 'disconnect', '😀'],
];
const channels = [
  'room',
  'a',
  'denied/a',
  'readonly/a',
  'private/a',
  '__proto__',
  'constructor',
  '😀',
  'x'.repeat(200),
];
const values: readonly unknown[] = [
  ...[-1, 0, 1, 1.5, 2 ** 31, 2 ** 53, 1e308, '1', null, true, '', 'a', 'room', [], {}, [[[[]]]], '\u0000', '😀'],
  ...['x'.repeat(2000), '__proto__', { toString: 1, then: null }, [null, [null]]],
];
const fields: readonly string[] = [
  'channel',
  'data',
  'event',
  'message',
  'authToken',
  'code',
  'features',
  'client',
  'waitForAuth',
  'toString',
];

const oneOf = <Value>(list: readonly Value[], random: Random): Value | undefined => list[random(list.length)];

/** The messages of one socket: mostly well-formed frames with unusual content, and some malformed ones. */
export function hostileMessage(recorded: readonly string[], random: Random): string {
  if (random(20) > 0) return generated(random, soundFrame);
  let text = random(2) === 0 ? generated(random, brokenFrame) : (oneOf(recorded, random) ?? '');
  for (let left = random(4); left > 0; left--) text = mutated(text, random);
  return text;
}

function generated(random: Random, frame: (random: Random) => object): string {
  const frames = Array.from({ length: random(20) === 0 ? 1 + random(10) : 1 }, () => frame(random));
  return JSON.stringify(frames.length === 1 ? frames[0] : frames);
}

function soundFrame(random: Random): object {
  const channel = oneOf(channels, random);
  const data = random(2) === 0 ? record(random) : oneOf(values, random);
  const call = random(2) === 0 ? {} : { cid: 1 + random(2 ** 31) };
  switch (random(5)) {
    case 0:
      return { event: '#subscribe', data: { channel }, cid: 1 + random(2 ** 31) };
    case 1:
      return { event: '#unsubscribe', data: channel, ...call };
    case 2:
      return { event: '#publish', data: { channel, data }, ...call };
    case 3:
      return { rid: random(10), data };
    default:
      return { event: oneOf(events, random), data, ...call };
  }
}

function brokenFrame(random: Random): object {
  const of: Record<string, unknown> = {};
  if (random(10) > 0) of['event'] = oneOf(random(10) > 0 ? [...events, ...reserved] : values, random);
  if (random(5) > 0) of['data'] = random(3) > 0 ? record(random) : oneOf(values, random);
  if (random(3) > 0) of['cid'] = random(3) > 0 ? random(1000) : oneOf(values, random);
  if (random(8) === 0) of['rid'] = random(3) > 0 ? random(10) : oneOf(values, random);
  if (random(16) === 0) of['error'] = random(2) > 0 ? record(random) : oneOf(values, random);
  return of;
}

function record(random: Random): object {
  const names = Array.from({ length: random(4) }, () => oneOf(fields, random) ?? '');
  return Object.fromEntries(names.map((name) => [name, oneOf(values, random)]));
}

function mutated(text: string, random: Random): string {
  const at = random(text.length + 1);
  switch (random(4)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random(0xd800)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + (oneOf(tokens, random) ?? '') + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + random(20));
    default:
      return text;
  }
}
