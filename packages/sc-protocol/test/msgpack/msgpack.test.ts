import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import minBin from 'sc-codec-min-bin';
import { InvalidFrameError, maxNestingDepth } from '../../src/index.js';
import { msgpackCodec } from '../../src/msgpack/index.js';
import { runs } from '../seed.js';

const encode = (value: unknown) => msgpackCodec.encode(value) as Uint8Array;
const decode = (bytes: Uint8Array) => msgpackCodec.decode(bytes);
const hex = (value: unknown) => Buffer.from(encode(value)).toString('hex');
const fromHex = (text: string) => decode(new Uint8Array(Buffer.from(text, 'hex')));

describe('msgpackCodec', () => {
  it('announces its subprotocol', () => {
    expect(msgpackCodec.subprotocol).toBe('socketcluster.msgpack');
  });

  it.each([
    [null, 'c0'],
    [undefined, 'c0'],
    [false, 'c2'],
    [true, 'c3'],
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_536, 'ce00010000'],
    [4_294_967_296, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-128, 'd080'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [-2_147_483_649, 'd3ffffffff7fffffff'],
    [1.5, 'cb3ff8000000000000'],
    [2 ** 53, 'cb4340000000000000'],
    [NaN, 'c0'],
    ['', 'a0'],
    ['é', 'a2c3a9'],
    ['a'.repeat(31), 'bf' + '61'.repeat(31)],
    ['a'.repeat(32), 'd920' + '61'.repeat(32)],
    [new Uint8Array([1, 2]), 'c4020102'],
    [Buffer.from([1, 2]), 'c4020102'],
    [new Uint8Array([1, 2]).buffer, 'c4020102'],
    [[1, [], undefined], '930190c0'],
    [{ a: 1, b: undefined, c: () => 1 }, '81a16101'],
    [new Date(0), 'b8313937302d30312d30315430303a30303a30302e3030305a'],
  ])('writes %p as %s', (value, bytes) => {
    expect(hex(value)).toBe(bytes);
  });

  it('writes and reads every size of text, bytes, list and map', () => {
    for (const size of [15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      const keys = Array.from({ length: size }, (_, index) => [`k${index}`, index] as const);
      const value = {
        text: 'x'.repeat(size),
        bytes: new Uint8Array(size).fill(7),
        list: new Array(size).fill(1),
        map: Object.fromEntries(keys),
      };
      expect(decode(encode(value))).toEqual(value);
    }
  });

  it('gives back what JSON would', () => {
    const anything = fc.anything({ withDate: true, withSparseArray: true, withBoxedValues: true, maxDepth: 5 });
    fc.assert(
      fc.property(anything, (value) => {
        const text = JSON.stringify(value) as string | undefined;
        // A lone surrogate has no UTF-8.
        fc.pre(text?.includes('\\ud') !== true);
        expect(decode(encode(value))).toEqual(JSON.parse(text ?? 'null'));
      }),
      runs(2000),
    );
  });

  it('gives back bytes as they were, wherever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.string(), (list, key) => {
        expect(decode(encode({ list, [`k${key}`]: list[0] }))).toEqual({
          list,
          ...(list[0] && { [`k${key}`]: list[0] }),
        });
      }),
      runs(300),
    );
  });

  it('does not keep the message alive or share it', () => {
    const message = encode({ bytes: new Uint8Array([1, 2, 3]) });
    const { bytes } = decode(message) as { bytes: Uint8Array };
    message.fill(0);
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytes.buffer.byteLength).toBe(3);
  });

  it('reads what another MessagePack library writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(decode(minBin.encode({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
      runs(500),
    );
  });

  it('changes no prototype when a key is __proto__', () => {
    const value = fromHex('81a95f5f70726f746f5f5f81a161c3') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('a' in value).toBe(false);
    expect(hex(value)).toBe('81a95f5f70726f746f5f5f81a161c3');
  });

  it('refuses nesting over the limit on both ends', () => {
    let value: unknown = [];
    for (let i = 0; i < maxNestingDepth; i++) value = [value];
    expect(decode(encode(value))).toEqual(value);
    expect(() => encode([value])).toThrow('Data must not be nested deeper than 64 levels');
    expect(() => decode(new Uint8Array(100_000).fill(0x91))).toThrow('must not be nested deeper than 64 levels');
  });

  it('refuses a BigInt, as JSON does', () => {
    expect(() => encode({ a: 1n })).toThrow(TypeError);
  });

  it.each([
    ['', 'nothing'],
    ['c1', 'the format that is never used'],
    ['d40100', 'an extension type'],
    ['c70101ff', 'an extension type with a length'],
    ['a3', 'text that is cut off'],
    ['dbffffffff61', 'text that claims 4 GB'],
    ['c6ffffffff00', 'bytes that claim 4 GB'],
    ['ddffffffff00', 'a list that claims 4 billion items'],
    ['dfffffffff00', 'a map that claims 4 billion entries'],
    ['8101c0', 'a key that is a number'],
    ['81c0c0', 'a key that is null'],
    ['a1ff', 'text that is not UTF-8'],
    ['cfffffffffffffffff', 'an integer over 53 bits'],
    ['d38000000000000000', 'a negative integer over 53 bits'],
    ['c0c0', 'two values'],
    ['cb3ff8', 'a number that is cut off'],
  ])('refuses %s: %s', (bytes) => {
    expect(() => fromHex(bytes)).toThrow(InvalidFrameError);
  });

  it('reads numbers that JSON has no word for as null', () => {
    expect([fromHex('cb7ff8000000000000'), fromHex('ca7f800000'), fromHex('ca3fc00000')]).toEqual([null, null, 1.5]);
  });

  it('hands text on as it came', () => {
    for (const text of ['', '#1', '{"event":"x"}']) expect(msgpackCodec.decode(text)).toBe(text);
  });
});
