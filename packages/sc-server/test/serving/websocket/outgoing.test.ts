import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dialects, encodeJson } from 'sc-protocol';
import { frameAround, frameMessage, framePong, joinOutgoing, outgoingBytes } from '../../../src/websocket/outgoing.js';
import { jsonEncoding } from '../../../src/channels/encoding.js';

const hex = (bytes: Buffer) => bytes.toString('hex');

describe('WebSocket frames', () => {
  it.each([
    ['', '8100'],
    ['#1', '81022331'],
    ['€', '8103e282ac'],
    ['x'.repeat(125), `817d${'78'.repeat(125)}`],
    ['x'.repeat(126), `817e007e${'78'.repeat(126)}`],
    ['x'.repeat(65_535), `817effff${'78'.repeat(65_535)}`],
    ['x'.repeat(65_536), `817f0000000000010000${'78'.repeat(65_536)}`],
  ])('of text have the header for their length', (text, expected) => {
    expect(hex(frameMessage(text))).toBe(expected);
  });

  it('of bytes are binary, of text around bytes text', () => {
    expect(hex(frameMessage(new Uint8Array([1, 2])))).toBe('82020102');
    expect(hex(frameMessage(new Uint8Array([1, 2]).buffer))).toBe('82020102');
    expect(hex(frameAround('€', Buffer.from('b'), Buffer.from('c')))).toBe('8105e282ac6263');
    expect(hex(framePong(Buffer.from('hi')))).toBe('8a026869');
  });

  it('of publications are the bytes that every generation of clients knows', () => {
    const text = (frame: Buffer) => frame.subarray(2).toString();
    expect(text(jsonEncoding.framePublication('a"b', Buffer.from('{"n":1}')))).toBe(
      '{"event":"#publish","data":{"channel":"a\\"b","data":{"n":1}}}',
    );
    expect(text(jsonEncoding.framePublication('x', Buffer.alloc(0)))).toBe(
      '{"event":"#publish","data":{"channel":"x"}}',
    );
  });

  it('and texts, laid end to end, are the bytes that each has by itself', () => {
    const outgoing = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => frameMessage(bytes)),
    );
    fc.assert(
      fc.property(fc.array(outgoing, { maxLength: 20 }), (list) => {
        const length = list.reduce((sum, one) => sum + outgoingBytes(one), 0);
        const apart = list.map((one) => (typeof one === 'string' ? frameMessage(one) : one));
        expect(hex(joinOutgoing(list, length))).toBe(hex(Buffer.concat(apart)));
      }),
    );
  });

  it('of answers are spelled as any other frame would be', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.jsonValue(), { nil: undefined }), (responseId, data) => {
        const frame = { type: 'response' as const, responseId, data };
        expect(jsonEncoding.frame(frame, dialects.v2)).toBe(encodeJson(dialects.v2.toWire(frame)));
      }),
    );
  });
});
