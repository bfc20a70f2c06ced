import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeValue } from 'ndata-store';
import { decodePayload, encodePayload, jsonOfPayload } from '../../src/channels/payload.js';

const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? Buffer.from(value) : value);

describe('the payload of a publication', () => {
  it('is the JSON of its data', () => {
    fc.assert(
      fc.property(fc.option(fc.jsonValue(), { nil: undefined }), (data) => {
        const payload = Buffer.from(encodePayload(data));
        const json = jsonOfPayload(payload);
        expect(Buffer.from(json).toString()).toBe(data === undefined ? '' : JSON.stringify(data));
        expect(decodePayload(json)).toEqual(data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  it('is spelled in JSON when a store published text or bytes as it keeps them', () => {
    expect(decodePayload(jsonOfPayload(bytes(encodeValue('a "text"'))))).toBe('a "text"');
    expect(decodePayload(jsonOfPayload(bytes(encodeValue(''))))).toBe('');
    const data = decodePayload(jsonOfPayload(bytes(encodeValue(new Uint8Array([1, 2, 3])))));
    expect(data).toEqual(new Uint8Array([1, 2, 3]));
    expect(jsonOfPayload(bytes(encodeValue({ a: 1 })))).toEqual(Buffer.from('{"a":1}'));
  });
});
