import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidFrameError, defaultDialect, jsonCodec, reviveBinary, splitBatch } from '../src/index.js';
import { msgpackCodec } from '../src/msgpack/index.js';
import { runs, scale, seed } from './seed.js';
import { allVectors } from './vectors.js';

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'a',
  '\ud800',
  'x'.repeat(1e6),
];
const reserved = [
  '#handshake',
  '#publish',
  '#subscribe',
  '#unsubscribe',
  '#authenticate',
  '#removeAuthToken',
  '#history',
];
const reservedByServer = ['#setAuthToken', '#kickOut', '#disconnect', '#status', '#fail', '#position'];
const ids = [-1, -0, 0, 1, 1.5, 2 ** 31, 2 ** 53, 1e308, NaN, Infinity, '1', 'NaN', null, [], {}];

const hostile = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(...names, ...ids, true, false, undefined), weight: 3 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 },
  { arbitrary: fc.integer({ min: 1, max: 200 }).map((levels) => nested(levels)), weight: 1 },
);
const data = fc.oneof(
  hostile,
  fc.array(hostile, { maxLength: 4 }),
  fc.dictionary(
    fc.constantFrom(
      ...names.slice(0, 7),
      'channel',
      'data',
      'token',
      'code',
      'features',
      'client',
      'since',
      'rewind',
      'offset',
      'epoch',
      'seq',
    ),
    hostile,
  ),
);
const frame = fc.record(
  {
    event: fc.oneof(fc.constantFrom(...reserved, ...reservedByServer, ...names), hostile),
    data,
    cid: fc.constantFrom(...ids),
    rid: fc.constantFrom(...ids),
    error: hostile,
  },
  { requiredKeys: [] },
);
const tokens = [
  '"cid":',
  '"rid":',
  '"event":"#publish"',
  '"__proto__":',
  '\\ud800',
  '1e999',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  '\\',
  '\u0000',
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

/** Parses a message as either end would. Only `InvalidFrameError` may be thrown. */
function read(codec: typeof jsonCodec, message: string | Uint8Array): void {
  for (const parse of [defaultDialect.parseClientFrame, defaultDialect.parseServerFrame]) {
    try {
      for (const value of splitBatch(codec.decode(message))) {
        const parsed = parse(value);
        codec.encode(defaultDialect.toWire(parsed));
        reviveBinary(parsed);
      }
    } catch (error) {
      if (!(error instanceof InvalidFrameError)) throw error;
      // A message that may be sent back to the peer must stay short.
      if (error.message.length > 500) throw new Error('The message of the error is too long', { cause: error });
    }
  }
}

/** Small and repeatable: fast-check is too slow for hundreds of thousands of runs. */
function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutatedText(text: string, corpus: readonly string[], random: (below: number) => number): string {
  const at = random(text.length + 1);
  switch (random(5)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random(0x10000)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + (tokens[random(tokens.length)] ?? '') + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + random(20));
    case 3:
      return text.slice(0, at) + text.slice(random(at + 1));
    default: {
      const other = corpus[random(corpus.length)] ?? '';
      return text.slice(0, at) + other.slice(random(other.length + 1));
    }
  }
}

describe(`hostile input (FUZZ_SEED=${seed})`, () => {
  let before: { keys: string[]; names: number };
  const footprint = () => ({
    keys: Object.keys(Object.prototype),
    names: [Object.prototype, Array.prototype, Function.prototype, Error.prototype].flatMap((prototype) =>
      Object.getOwnPropertyNames(prototype),
    ).length,
  });
  beforeAll(() => {
    before = footprint();
  });
  afterAll(() => {
    if (JSON.stringify(footprint()) !== JSON.stringify(before)) throw new Error('A prototype was changed');
  });

  it('never makes a parser throw anything but InvalidFrameError for any value', () => {
    fc.assert(
      fc.property(fc.oneof(frame, fc.array(frame, { maxLength: 3 }), hostile), (value) => {
        for (const one of splitBatch(value)) {
          for (const parse of [defaultDialect.parseClientFrame, defaultDialect.parseServerFrame]) {
            try {
              parse(one);
            } catch (error) {
              expect(error).toBeInstanceOf(InvalidFrameError);
            }
          }
        }
      }),
      runs(3000),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('may be a name of a megabyte, or nested a hundred thousand times', () => {
    const huge = 'x'.repeat(1e6);
    for (const text of [
      JSON.stringify({ event: huge, cid: 1 }),
      JSON.stringify({ event: '#publish', data: { channel: huge } }),
      `{"event":"a","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `{"event":"a","data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    ])
      expect(() => defaultDialect.parseClientFrame(jsonCodec.decode(text))).toThrow(InvalidFrameError);
  });

  it('is read or refused as JSON text', () => {
    fc.assert(
      fc.property(frame, (value) => {
        read(jsonCodec, JSON.stringify(value));
      }),
      runs(3000),
    );
    expect('polluted' in {}).toBe(false);
  });

  it('is read or refused when good text was mutated', () => {
    const random = randomFrom(seed);
    const corpus = allVectors.map(({ text }) => text);
    for (let i = 0; i < 150_000 * scale; i++) {
      let text = corpus[i % corpus.length] ?? '';
      for (let left = random(4); left >= 0; left--) text = mutatedText(text, corpus, random);
      read(jsonCodec, text);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('is read or refused as MessagePack, mutated or made up', () => {
    const random = randomFrom(seed);
    const corpus = allVectors
      .filter(({ text }) => text.startsWith('{'))
      .map(({ text }) => msgpackCodec.encode(jsonCodec.decode(text)) as Uint8Array);
    const formats = [0xdd, 0xdf, 0xdb, 0xc6, 0xcf, 0xd3, 0x91, 0xff];
    for (let i = 0; i < 150_000 * scale; i++) {
      const bytes = (corpus[i % corpus.length] ?? new Uint8Array()).slice(0, i % 3 ? undefined : random(100));
      for (let left = random(4); left >= 0 && bytes.length > 0; left--)
        bytes[random(bytes.length)] = random(2) ? random(256) : (formats[random(formats.length)] ?? 0);
      read(msgpackCodec, bytes);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('comes out of MessagePack as it went in, once it was read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let value: unknown;
        try {
          value = msgpackCodec.decode(bytes);
        } catch {
          return; // Refused, as most are.
        }
        expect(msgpackCodec.decode(msgpackCodec.encode(value) as Uint8Array)).toEqual(value);
      }),
      runs(3000),
    );
  });
});
