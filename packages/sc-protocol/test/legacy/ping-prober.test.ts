import { describe, expect, it } from '@jest/globals';
import { dialects, jsonCodec, type HandshakeFrame } from '../../src/index.js';
import { createB6Dialect, createPingProber } from '../../src/legacy/index.js';
import { msgpackCodec } from '../../src/msgpack/index.js';

const handshake: HandshakeFrame = { type: 'handshake', callId: 1, authToken: null, features: [] };

describe('createPingProber', () => {
  it.each(Object.values(dialects))('settles on $name by its pong', (dialect) => {
    const prober = createPingProber();
    expect(prober.dialect).toBeUndefined();
    expect(prober.pings()).toEqual(['', '#1', '1']);
    expect(prober.isPong(dialect.pong)).toBe(true);
    expect(prober.dialect).toBe(dialect);
    expect(prober.pings()).toEqual([dialect.ping]);
    expect(prober.isPong(dialect.pong)).toBe(true);
  });

  it('shows a client each form once, however long it takes to answer', () => {
    const prober = createPingProber();
    expect([prober.pings(), prober.pings(), prober.pings()]).toEqual([['', '#1', '1'], [], []]);
    expect(prober.isPong('#2')).toBe(true);
    expect(prober.pings()).toEqual(['#1']);
  });

  it('takes no text for a pong before a ping was sent, and none but pongs after', () => {
    const prober = createPingProber();
    for (const text of ['', '#2', '2']) expect(prober.isPong(text)).toBe(false);
    prober.pings();
    for (const text of ['1', '#1', '3', 'hello', undefined, 2, {}]) expect(prober.isPong(text)).toBe(false);
    expect(prober.dialect).toBeUndefined();
  });

  it('is corrected by an empty pong when an application had sent text that looks like one', () => {
    const prober = createPingProber();
    prober.pings();
    expect(prober.isPong('2')).toBe(true);
    expect(prober.dialect).toBe(dialects.v0);
    expect(prober.isPong('')).toBe(true);
    expect(prober.dialect).toBe(dialects.v2);
    prober.isPong('2');
    expect(prober.dialect).toBe(dialects.v2);
  });

  it('knows the dialect of a client that announces itself or its features', () => {
    for (const frame of [
      { ...handshake, client: { name: 'sc-client', version: '1.0.0' } },
      { ...handshake, features: ['recovery'] },
    ]) {
      const prober = createPingProber();
      prober.noteHandshake(frame);
      expect(prober.dialect).toBe(dialects.v2);
      expect(prober.pings()).toEqual(['']);
    }
    const prober = createPingProber();
    prober.noteHandshake(handshake);
    expect(prober.dialect).toBeUndefined();
  });

  it.each(['', '#2', '2', undefined])('leaves to the next prober what it has found out: %j', (pong) => {
    for (const binaryCodec of [undefined, msgpackCodec]) {
      const first = createPingProber({ binaryCodec });
      first.pings();
      first.pings();
      if (pong !== undefined) first.isPong(pong);
      const next = createPingProber({ binaryCodec, found: structuredClone(first.save()) });
      expect(next.dialect).toBe(first.dialect);
      expect(next.save()).toEqual(first.save());
      expect(next.pings()).toEqual(first.pings());
      for (const text of ['2', '#2', '']) {
        expect(next.isPong(text)).toBe(first.isPong(text));
        expect(next.dialect).toBe(first.dialect);
      }
    }
  });

  it('asks nobody when the dialect is told', () => {
    const dialect = createB6Dialect('token');
    const prober = createPingProber({ dialect, protocolVersion: 2 });
    expect([prober.dialect, prober.pings(), prober.isPong('2'), prober.isPong('')]).toEqual([
      dialect,
      ['1'],
      true,
      false,
    ]);
  });

  it('asks nobody when the operator says which protocol version is spoken', () => {
    for (const [protocolVersion, dialect] of [
      [1, dialects.v1],
      [2, dialects.v2],
    ] as const) {
      const prober = createPingProber({ protocolVersion });
      expect(prober.dialect).toBe(dialect);
      expect(prober.pings()).toEqual([dialect.ping]);
    }
  });

  describe('with a codec that makes bytes', () => {
    const encodedPing = new Uint8Array([0xa2, 0x23, 0x31]);

    it('sends the encoded form first, and text only to clients that leave it unanswered', () => {
      const prober = createPingProber({ binaryCodec: msgpackCodec });
      expect([prober.pings(), prober.pings(), prober.pings(), prober.pings()]).toEqual([
        [encodedPing],
        [''],
        ['#1'],
        [],
      ]);
    });

    it('pings on in the form that was answered', () => {
      const early = createPingProber({ binaryCodec: msgpackCodec });
      early.pings();
      expect(early.isPong('#2')).toBe(true);
      expect(early.dialect).toBe(dialects.v1);
      expect(early.pings()).toEqual([encodedPing]);

      const late = createPingProber({ binaryCodec: msgpackCodec });
      late.pings();
      late.pings();
      expect(late.isPong('')).toBe(true);
      expect(late.pings()).toEqual(['']);

      const told = createPingProber({ binaryCodec: msgpackCodec, protocolVersion: 1 });
      expect(told.dialect).toBe(dialects.v1);
      expect([told.pings(), told.pings()]).toEqual([[encodedPing], ['#1']]);
      expect(told.isPong('#2')).toBe(true);
      expect(told.pings()).toEqual(['#1']);
    });

    it('takes an ArrayBuffer from the codec', () => {
      const encode = (value: unknown) => new TextEncoder().encode(String(value)).buffer;
      const prober = createPingProber({ binaryCodec: { ...jsonCodec, encode } });
      expect(prober.pings()).toEqual([new Uint8Array([0x23, 0x31])]);
    });
  });
});
