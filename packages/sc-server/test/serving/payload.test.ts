import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeValue } from 'ndata-store';
import { decodePayload, encodePayload, isVolatilePayload, jsonOfPayload } from '../../src/channels/payload.js';

const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? Buffer.from(value) : value);

describe('the payload of a publication', () => {
  it('is the JSON of its data, volatile or not', () => {
    fc.assert(
      fc.property(fc.option(fc.jsonValue(), { nil: undefined }), fc.boolean(), (data, isVolatile) => {
        const payload = Buffer.from(encodePayload(data, isVolatile));
        expect(isVolatilePayload(payload)).toBe(isVolatile);
        const json = jsonOfPayload(payload);
        expect(Buffer.from(json).toString()).toBe(data === undefined ? '' : JSON.stringify(data));
        expect(decodePayload(json)).toEqual(data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
        // Who reads it as JSON need not know of the mark.
        if (data !== undefined) expect(JSON.parse(payload.toString())).toEqual(decodePayload(json));
      }),
    );
  });

  it('is spelled in JSON when a store published text or bytes as it keeps them', () => {
    expect(decodePayload(jsonOfPayload(bytes(encodeValue('a "text"'))))).toBe('a "text"');
    expect(decodePayload(jsonOfPayload(bytes(encodeValue(''))))).toBe('');
    const data = decodePayload(jsonOfPayload(bytes(encodeValue(new Uint8Array([1, 2, 3])))));
    expect(data).toEqual({ base64: true, data: 'AQID' });
    expect(jsonOfPayload(bytes(encodeValue({ a: 1 })))).toEqual(Buffer.from('{"a":1}'));
  });
});
