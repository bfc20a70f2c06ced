import { describe, expect, it } from '@jest/globals';
import { createCallIds, defaultDialect, dialectOfPong, dialects } from '../src/index.js';
import { thrownBy } from './thrown-by.js';

const { parseClientFrame } = defaultDialect;

describe('parseClientFrame', () => {
  it('names the field and shows text that breaks a rule', () => {
    expect(() => parseClientFrame({ event: '#publish', data: { channel: 'a\tb' }, cid: 3 })).toThrow(
      'Invalid #publish frame: channel must not hold control characters, got "a\\tb"',
    );
    const error = thrownBy(() => parseClientFrame({ event: '#publish', data: { channel: 'x'.repeat(1e6) } }));
    expect((error as Error).message.length).toBeLessThan(200);
  });

  it('checks every channel of a list', () => {
    expect(() => parseClientFrame({ event: '#subscribe', data: ['a', 'b', 7], cid: 1 })).toThrow(
      'Invalid #subscribe frame: data must be an object',
    );
    expect(() => parseClientFrame({ event: '#subscribe', data: new Array(1025).fill('a'), cid: 1 })).toThrow(
      'Invalid #subscribe frame: data must list at most 1024 channels, got 1025',
    );
  });

  it('keeps only text, and not too much, of what a client says about itself', () => {
    const client = { name: 'n'.repeat(100), version: 'v'.repeat(100), other: 1 };
    const features = ['a', 5, null, 'b', ...new Array<string>(2000).fill('c')];
    const frame = parseClientFrame({ event: '#handshake', data: { client, features }, cid: 1 });
    expect(frame).toMatchObject({ client: { name: 'n'.repeat(64), version: 'v'.repeat(64) } });
    expect(frame).toMatchObject({ features: { length: 1022 } });
    expect(parseClientFrame({ event: '#handshake', data: { client: { name: 1 } }, cid: 1 })).toEqual({
      type: 'handshake',
      callId: 1,
      features: [],
    });
  });

  it('leaves the token unchecked, whatever it is', () => {
    for (const authToken of [undefined, null, 5, {}, ['a']])
      expect(parseClientFrame({ event: '#handshake', data: { authToken }, cid: 1 })).toMatchObject({ authToken });
  });

  it('takes no field from a prototype', () => {
    const inherited = Object.create({ event: '#publish' }) as object;
    expect(parseClientFrame(JSON.parse('{"__proto__":{"event":"#publish"}}'))).toMatchObject({ type: 'raw' });
    expect(parseClientFrame({ event: 'x', data: inherited })).toMatchObject({ type: 'event' });
  });
});

describe('dialects', () => {
  it('are recognised by their pong', () => {
    expect(dialectOfPong('')).toBe(dialects.v2);
    expect(dialectOfPong('#2')).toBe(dialects.v1);
    expect(dialectOfPong('2')).toBe(dialects.v0);
    for (const text of ['1', '#1', '3', ' ', '22', '{}']) expect(dialectOfPong(text)).toBeUndefined();
  });

  it('say farewell in a frame up to protocol v1', () => {
    expect(Object.values(dialects).map(({ name, saysDisconnect }) => [name, saysDisconnect])).toEqual([
      ['v2', false],
      ['v1', true],
      ['v0', true],
    ]);
  });
});

describe('createCallIds', () => {
  it('counts from 1 for each direction of each socket', () => {
    const one = createCallIds();
    const other = createCallIds();
    expect([one(), one(), other(), one()]).toEqual([1, 2, 1, 3]);
  });
});
