import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { checkMsgpack, isMsgpack } from '../../../src/channels/msgpack-scan.js';

const bytes = (...list: number[]) => Uint8Array.from(list);
const packed = (value: unknown) => msgpackCodec.encode(value) as Uint8Array;

describe('the look at MessagePack before it is decoded', () => {
  it('takes whatever our codec makes, and nothing that is cut short or followed by more', () => {
    const seed = Date.now();
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), fc.nat(), (value, at) => {
        const message = packed({ event: 'x', data: value });
        expect(() => checkMsgpack(message)).not.toThrow();
        expect(isMsgpack(message.subarray(0, at % message.length))).toBe(false);
        expect(isMsgpack(Uint8Array.from([...message, 0]))).toBe(false);
      }),
      { numRuns: 300, seed },
    );
  });

  it.each([
    ['nothing', bytes()],
    ['an array of 4 billion', bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map of 4 billion', bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['text of 4 GB', bytes(0xdb, 0xff, 0xff, 0xff, 0xff)],
    ['bytes of 64 KB', bytes(0xc5, 0xff, 0xff)],
    ['an extension', bytes(0xc9, 0xff, 0xff, 0xff, 0xff, 1)],
    ['half a length', bytes(0xdc, 0x00)],
    ['a map with half an entry', bytes(0x81, 0xa1, 0x61)],
    ['arrays in arrays that claim what is not there', bytes(0xdc, 0, 5, 0xdc, 0, 4, 0xdc, 0, 3, 0xc0)],
  ])('refuses %s', (_what, message) => {
    expect(() => checkMsgpack(message)).toThrow('must not end early');
  });

  it('refuses what is nested deeper than a message can be', () => {
    const nested = (levels: number) => Uint8Array.from([...Array.from({ length: levels }, () => 0x91), 0xc0]);
    expect(() => checkMsgpack(nested(68))).not.toThrow();
    expect(() => checkMsgpack(nested(69))).toThrow('must not be nested deeper than 64 levels');
  });

  it('knows other formats for what they are', () => {
    expect(isMsgpack('{}')).toBe(false);
    expect(isMsgpack(Buffer.from('{"a":1}'))).toBe(false);
    // CBOR of { a: 1 }
    expect(isMsgpack(bytes(0xa1, 0x61, 0x61, 0x01))).toBe(false);
  });
});
