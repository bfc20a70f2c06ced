import { describe, expect, it } from '@jest/globals';
import engine from 'sc-codec-min-bin';
import { defaultDialect } from '../../src/index.js';
import { binaryCodec } from '../../src/legacy/index.js';

describe('binaryCodec around the published sc-codec-min-bin', () => {
  const codec = binaryCodec(engine);

  it('spells frames as that codec does', () => {
    const publish = codec.encode({ event: '#publish', data: { channel: 'a', data: 1 } }) as Uint8Array;
    expect(Buffer.from(publish).toString('hex')).toBe('81a17092a16101');
    expect(Buffer.from(codec.encode('#1') as Uint8Array).toString('hex')).toBe('a22331');
  });

  it('carries every kind of frame there and back', () => {
    const frames = [
      { type: 'handshake', callId: 1, authToken: null, features: [] },
      { type: 'subscribe', callId: 2, subscriptions: [{ channel: 'a', waitForAuth: true }] },
      { type: 'publish', callId: 3, channel: 'a', data: { text: 'é☃' } },
      { type: 'event', name: 'x', data: [1], callId: undefined },
      { type: 'response', responseId: 7, data: { a: 1 } },
      { type: 'response', responseId: 8, data: null, error: { name: 'Error', message: 'No' } },
    ] as const;
    for (const frame of frames) {
      const message = codec.encode(defaultDialect.toWire(frame)) as Uint8Array;
      expect(defaultDialect.parseClientFrame(codec.decode(message))).toEqual(frame);
    }
  });

  it('does not change a batch that it encodes', () => {
    const batch = [{ event: 'a', data: 1 }, { rid: 1 }];
    const message = codec.encode(batch) as Uint8Array;
    expect(batch).toEqual([{ event: 'a', data: 1 }, { rid: 1 }]);
    expect(codec.decode(message)).toEqual([
      { event: 'a', data: 1 },
      { rid: 1, error: null, data: null },
    ]);
  });

  it('leaves text alone, which the codec itself would take for a number of bytes', () => {
    for (const text of ['', '1', '#2', '999999999', 'hello']) expect(codec.decode(text)).toBe(text);
  });

  it('keeps the subprotocol of an engine that has one', () => {
    expect(binaryCodec({ ...engine, subprotocol: 'x' }).subprotocol).toBe('x');
    expect('subprotocol' in codec).toBe(false);
  });
});
