import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseHandOffOrder, parseHandOffReply } from '../src/hand-off/messages.js';
import { HandOffListener, receiveHandOffs } from '../src/index.js';
import type { HandOffReply } from '../src/index.js';

const foreign = [
  undefined,
  null,
  5,
  'handOff',
  [],
  {},
  { kind: 'handOff' },
  { kind: 'accepted', id: -1 },
  { kind: 'released', count: 1.5 },
];

describe('Messages of a hand-off', () => {
  it('are told apart from everything else', () => {
    const order = { kind: 'handOff', id: 1, expiresAt: 5 };
    const replies = [
      { kind: 'accepted', id: 0 },
      { kind: 'refused', id: 7 },
      { kind: 'refused', id: 8, isFull: true },
      { kind: 'released', count: 3 },
    ];
    expect(parseHandOffOrder(order)).toBe(order);
    expect(replies.map(parseHandOffReply)).toEqual(replies);
    expect(foreign.map(parseHandOffOrder)).toEqual(foreign.map(() => undefined));
    expect(foreign.map(parseHandOffReply)).toEqual(foreign.map(() => undefined));
  });

  it('are read or refused, never thrown at, whatever comes', () => {
    const kinds = fc.constantFrom('handOff', 'accepted', 'refused', 'released');
    const almost = fc.record({ kind: kinds, id: fc.anything(), count: fc.anything(), expiresAt: fc.anything() });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost), (value) => {
        const reply = parseHandOffReply(value);
        const number = reply?.kind === 'released' ? reply.count : (reply?.id ?? 0);
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
        expect([undefined, value]).toContain(parseHandOffOrder(value));
      }),
    );
  });

  it('are taken by both sides and others are left to the caller', async () => {
    const replies: HandOffReply[] = [];
    const receiver = receiveHandOffs({ send: (reply) => replies.push(reply), accept: () => undefined });
    const listener = new HandOffListener({ port: 0 });
    expect(foreign.map((message) => receiver.handleMessage(message))).toEqual(foreign.map(() => false));
    expect(foreign.map((message) => listener.handleMessage('a', message))).toEqual(foreign.map(() => false));
    // A client that is gone already arrives without its connection; one for a target that is gone is forgotten.
    expect(receiver.handleMessage({ kind: 'handOff', id: 4, expiresAt: Infinity })).toBe(true);
    expect(replies).toEqual([{ kind: 'refused', id: 4 }]);
    expect(listener.handleMessage('gone', { kind: 'accepted', id: 4 })).toBe(true);
    await listener.close();
  });
});
