import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidFrameError, encodeJson, jsonCodec, maxNestingDepth, reviveBinary } from '../src/index.js';
import { msgpackCodec } from '../src/msgpack/index.js';
import { runs } from './seed.js';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe('encodeJson', () => {
  it('writes what JSON.stringify writes for values without binary data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(encodeJson(value)).toBe(JSON.stringify(value));
      }),
      runs(500),
    );
  });

  it('spells every kind of binary data as base64', () => {
    const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);
    const spelled = '{"base64":true,"data":"AAEC/f7/"}';
    expect(encodeJson(bytes)).toBe(spelled);
    expect(encodeJson(bytes.buffer)).toBe(spelled);
    expect(encodeJson(Buffer.from(bytes))).toBe(spelled);
    expect(encodeJson(new DataView(bytes.buffer))).toBe(spelled);
    expect(encodeJson({ a: [new Uint8Array([9, 1, 2, 9]).subarray(1, 3)] })).toBe(
      '{"a":[{"base64":true,"data":"AQI="}]}',
    );
  });

  it('spells binary data larger than an argument list', () => {
    const bytes = new Uint8Array(100_000).map((_, index) => index);
    expect(JSON.parse(encodeJson(bytes))).toEqual({ base64: true, data: Buffer.from(bytes).toString('base64') });
  });

  it('gives back binary data after reviveBinary', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.uint8Array(), (value, bytes) => {
        const back = reviveBinary(JSON.parse(encodeJson({ value, bytes, list: [bytes] })));
        expect(back).toEqual({ value: JSON.parse(JSON.stringify(value)) as unknown, bytes, list: [bytes] });
      }),
      runs(300),
    );
  });

  it('writes null for what JSON has no word for', () => {
    expect(encodeJson(undefined)).toBe('null');
    expect(encodeJson(() => 1)).toBe('null');
  });

  it('refuses data nested deeper than the limit, a cycle among them', () => {
    expect(() => encodeJson(nested(maxNestingDepth + 1))).not.toThrow();
    expect(() => encodeJson(nested(maxNestingDepth + 2))).toThrow('Data must not be nested deeper than 64 levels');
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => encodeJson(cycle)).toThrow(RangeError);
  });
});

describe('toJSON', () => {
  const leafOf = (): object => {
    const root = { children: [] as unknown[], toJSON: () => 'root' };
    const leaf = { parent: root, bytes: new Uint8Array([1]), toJSON: (key: string) => ({ key, deep: [root] }) };
    root.children.push(leaf);
    return leaf;
  };

  it('says how an object looks, with the key that JSON.stringify gives it', () => {
    const leaf = leafOf();
    for (const value of [leaf, [leaf], { leaf }, { list: [1, leaf] }, { date: new Date(0), boxed: { leaf } }]) {
      expect(encodeJson(value)).toBe(JSON.stringify(value));
    }
  });

  it('may give bytes, and is not asked again of what it gave', () => {
    const gives = (value: unknown) => ({ toJSON: () => value });
    expect(encodeJson(gives(new Uint8Array([0, 1, 2])))).toBe('{"base64":true,"data":"AAEC"}');
    expect(encodeJson({ a: gives([new Uint8Array([0, 1, 2])]) })).toBe('{"a":[{"base64":true,"data":"AAEC"}]}');
    const own: Record<string, unknown> = { b: 1 };
    own['toJSON'] = () => own;
    expect(encodeJson(own)).toBe('{"b":1}');
  });

  it('counts in the depth as what it gives', () => {
    const deep = { toJSON: () => nested(maxNestingDepth + 1) };
    expect(() => encodeJson(deep)).not.toThrow();
    expect(() => encodeJson([deep])).toThrow(RangeError);
  });
});

describe('reviveBinary', () => {
  it('leaves objects alone that only look like binary data', () => {
    const values = [
      { base64: true, data: 'not base64 !' },
      { base64: true, data: 5 },
      { base64: 'true', data: 'AAEC' },
      { base64: true, data: 'AAEC', more: 1 },
    ];
    for (const value of values) expect(reviveBinary(structuredClone(value))).toEqual(value);
  });

  it('changes no prototype when a key is __proto__', () => {
    const revived = reviveBinary(JSON.parse('{"__proto__":{"base64":true,"data":"AAEC"}}')) as object;
    expect(Object.getPrototypeOf(revived)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(revived, '__proto__')?.value).toEqual(new Uint8Array([0, 1, 2]));
  });
});

describe('jsonCodec', () => {
  it('hands text that is no object or array on as it came', () => {
    for (const text of ['', 'hello', '1', '#2', '"quoted"', 'null', ' 7', '\u00a0{}']) {
      expect(jsonCodec.decode(text)).toBe(text);
    }
  });

  it('reads objects and arrays, from bytes as well, whatever space is before them', () => {
    expect(jsonCodec.decode(' \n\r\t{"a":1}')).toEqual({ a: 1 });
    expect(jsonCodec.decode('[1]')).toEqual([1]);
    expect(jsonCodec.decode(new TextEncoder().encode('{"a":"é"}'))).toEqual({ a: 'é' });
  });

  it('gives bytes back as bytes', () => {
    const bytes = new Uint8Array([0, 1, 2]);
    expect(jsonCodec.decode(jsonCodec.encode({ event: 'x', data: [bytes] }) as string)).toEqual({
      event: 'x',
      data: [bytes],
    });
  });

  it('refuses what is not valid without quoting it', () => {
    for (const message of ['{"token":"secret"', '[', '{}}', new Uint8Array([0x7b, 0xff, 0x7d])]) {
      expect(() => jsonCodec.decode(message)).toThrow(InvalidFrameError);
      expect(() => jsonCodec.decode(message)).toThrow(/^Invalid JSON frame: text must be JSON in UTF-8$/);
    }
  });

  it.each([
    ['an event', (data: unknown) => ({ event: 'x', data }), 64],
    ['an answer', (data: unknown) => ({ rid: 1, data }), 64],
    ['a publication', (data: unknown) => ({ event: '#publish', data: { channel: 'x', data } }), 65],
    [
      'a batch',
      (data: unknown) => [
        { event: 'x', data },
        { event: '#publish', data: { channel: 'x', data } },
      ],
      64,
    ],
  ])('takes data of the same depth on both ends in %s, with either codec', (_name, frame, levels) => {
    for (const codec of [jsonCodec, msgpackCodec]) {
      const deepest = frame(nested(levels));
      expect(codec.decode(codec.encode(deepest) as string)).toEqual(deepest);
      expect(() => codec.encode(frame(nested(levels + 1)))).toThrow(RangeError);
    }
    expect(() => jsonCodec.decode(JSON.stringify(frame(nested(levels + 1))))).toThrow('nested deeper');
  });

  it('refuses what encodeJson would refuse for its depth, and takes the rest', () => {
    const text = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(jsonCodec.decode(text(maxNestingDepth + 1))).toBeDefined();
    expect(() => jsonCodec.decode(text(maxNestingDepth + 2))).toThrow('must not be nested deeper than 64 levels');
    expect(() => jsonCodec.decode(text(100_000))).toThrow(InvalidFrameError);
    expect(() => jsonCodec.decode('{"a":'.repeat(5000) + '1' + '}'.repeat(5000))).toThrow(InvalidFrameError);
    // Brackets in text or side by side are no depth.
    const flat = JSON.stringify({ text: '[[{'.repeat(1000), list: Array.from({ length: 500 }, () => ({ a: [] })) });
    expect(jsonCodec.decode(flat)).toEqual(JSON.parse(flat));
    expect(() => jsonCodec.decode(`["${']'.repeat(99)}",${text(80)}]`)).toThrow(InvalidFrameError);
  });
});
