import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader, type FrameLimits, type FrameSink } from '../../../src/websocket/frame-reader.js';
import { UnfinishedMessages } from '../../../src/websocket/late-messages.js';
import { clientBytes, clientFrame, cutInto, cuts, masked } from './client-frames.js';
import { readWithWs, type Seen } from './read-with-ws.js';

/** Writes down what a reader tells. */
function record(): { readonly seen: Seen[]; readonly sink: FrameSink } {
  const seen: Seen[] = [];
  return {
    seen,
    sink: {
      onText: (text, byteLength) => void seen.push(['text', text, byteLength]),
      onBinary: (data) => void seen.push(['binary', data.toString('hex')]),
      onPing: (data) => void seen.push(['ping', data.toString('hex')]),
      onPong: () => void seen.push(['pong']),
      onCloseFrame: ({ code, reason }) => void seen.push(['close', code, reason]),
      isPaused: false,
      onViolation: (code) => void seen.push(['violation', code]),
    },
  };
}

const limits: FrameLimits = { maxPayloadBytes: 1000, maxFragments: 4 };

function read(pieces: readonly Buffer[], { maxPayloadBytes, maxFragments } = limits): Seen[] {
  const { seen, sink } = record();
  const reader = new FrameReader(sink, { maxPayloadBytes, maxFragments }, new UnfinishedMessages(60_000));
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return seen;
}

const long = (length: number) => 'x'.repeat(length);

describe('The frame reader', () => {
  it.each<[string, Buffer[], Seen[]]>([
    ['a text', [masked(0x81, 'hello')], [['text', 'hello', 5]]],
    ['an empty text', [masked(0x81, '')], [['text', '', 0]]],
    ['text beyond ASCII', [masked(0x81, 'grün €')], [['text', 'grün €', 9]]],
    ['bytes', [masked(0x82, Buffer.from([0, 255]))], [['binary', '00ff']]],
    ['a text of 126 bytes', [masked(0x81, long(126))], [['text', long(126), 126]]],
    ['a ping', [masked(0x89, 'a')], [['ping', '61']]],
    ['a pong', [masked(0x8a, '')], [['pong']]],
    ['a close without a code', [masked(0x88, '')], [['close', 1005, '']]],
    ['a close with a code', [masked(0x88, Buffer.from('03e8627965', 'hex'))], [['close', 1000, 'bye']]],
    [
      'fragments with a ping between',
      [masked(0x01, 'a'), masked(0x89, ''), masked(0x00, 'b'), masked(0x80, 'c')],
      [
        ['ping', ''],
        ['text', 'abc', 3],
      ],
    ],
    [
      'a character cut by fragments',
      [masked(0x01, Buffer.from([0xe2, 0x82])), masked(0x80, Buffer.from([0xac]))],
      [['text', '€', 3]],
    ],
    [
      'a length spelled longer than it need be',
      [clientFrame({ first: 0x81, isMasked: true, payload: Buffer.from('a'), lengthBits: 64 })],
      [['text', 'a', 1]],
    ],
  ])('reads %s', (_what, frames, expected) => {
    expect(read(frames)).toEqual(expected);
    expect(read([Buffer.concat(frames)])).toEqual(expected);
    expect(read([...Buffer.concat(frames)].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it.each<[string, Buffer, number]>([
    ['without a mask', clientFrame({ first: 0x81, isMasked: false, payload: Buffer.from('a'), lengthBits: 7 }), 1002],
    ['with a reserved bit', masked(0xc1, 'a'), 1002],
    ['with an unknown opcode', masked(0x83, 'a'), 1002],
    ['with an unknown control opcode', masked(0x8b, ''), 1002],
    ['of control in fragments', masked(0x09, ''), 1002],
    ['of control that is too long', masked(0x89, long(126)), 1002],
    ['that continues nothing', masked(0x80, 'a'), 1002],
    ['within another message', Buffer.concat([masked(0x01, 'a'), masked(0x81, 'b')]), 1002],
    ['with half a close code', masked(0x88, 'a'), 1002],
    ['with a close code that never travels', masked(0x88, Buffer.from([0x03, 0xed])), 1002],
    ['with a close reason that is no UTF-8', masked(0x88, Buffer.from([0x03, 0xe8, 0xff])), 1007],
    ['with text that is no UTF-8', masked(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ['with half a surrogate', masked(0x81, Buffer.from([0xed, 0xa0, 0x80])), 1007],
    ['with one byte too many', masked(0x82, long(1001)), 1009],
    ['that announces 2^63 bytes', Buffer.from('82ffffffffffffffffff00000000', 'hex'), 1009],
    ['with fragments of one byte too many', Buffer.concat([masked(0x02, long(1000)), masked(0x80, 'a')]), 1009],
    [
      'in five fragments',
      Buffer.concat([masked(0x02, ''), ...Array.from({ length: 4 }, () => masked(0x00, ''))]),
      1008,
    ],
  ])('refuses a frame %s, and reads nothing after it', (_what, bytes, code) => {
    const hostile = Buffer.concat([masked(0x81, 'before'), bytes, masked(0x81, 'after')]);
    const expected = [
      ['text', 'before', 6],
      ['violation', code],
    ];
    expect(read([hostile])).toEqual(expected);
    expect(read([...hostile].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('reads nothing after a close', () => {
    expect(read([masked(0x88, ''), masked(0x81, 'a')])).toEqual([['close', 1005, '']]);
  });

  it('takes exactly what the limits allow', () => {
    expect(read([masked(0x82, long(1000))])).toHaveLength(1);
    const fragments = [
      masked(0x01, long(250)),
      masked(0x00, long(250)),
      masked(0x00, long(250)),
      masked(0x80, long(250)),
    ];
    expect(read(fragments)).toEqual([['text', long(1000), 1000]]);
  });

  it('tells the same however the bytes are cut', () => {
    fc.assert(
      fc.property(clientBytes, cuts, (bytes, places) => {
        expect(read(cutInto(bytes, places))).toEqual(read([bytes]));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells what the receiver of ws tells, for frames that keep the rules and for frames that break them', async () => {
    await fc.assert(
      fc.asyncProperty(clientBytes, cuts, async (bytes, places) => {
        const pieces = cutInto(bytes, places);
        expect(read(pieces)).toEqual(await readWithWs(pieces, limits));
      }),
      { numRuns: 3000 },
    );
  });

  it('leaves what it has not handled to another reader, wherever the bytes are cut', () => {
    const whole = (pieces: readonly Buffer[]) => read(pieces);
    fc.assert(
      fc.property(clientBytes, cuts, fc.nat({ max: 400 }), (bytes, places, place) => {
        const cut = Math.min(place, bytes.length);
        const { seen, sink } = record();
        const create = () => new FrameReader(sink, limits, new UnfinishedMessages(60_000));
        const first = create();
        for (const piece of cutInto(bytes.subarray(0, cut), places)) first.push(piece);
        const isOver = seen.some(([what]) => what === 'close' || what === 'violation');
        const next = create();
        const unread = first.unread();
        first.stop();
        next.resume(unread);
        if (!isOver) for (const piece of cutInto(bytes.subarray(cut), places)) next.push(piece);
        expect(seen).toEqual(whole([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves it at every byte of a stream of all kinds of frames', () => {
    const bytes = Buffer.concat([
      masked(0x81, 'text'),
      masked(0x01, 'frag'),
      masked(0x89, 'ping'),
      masked(0x00, ''),
      masked(0x8a, ''),
      masked(0x80, 'ment €'),
      masked(0x82, Buffer.alloc(300, 7)),
      masked(0x02, Buffer.alloc(130, 1)),
      masked(0x00, 'b'),
      masked(0x00, 'c'),
      masked(0x80, 'd'),
      masked(0x88, Buffer.from('03e8627965', 'hex')),
    ]);
    for (let cut = 0; cut < bytes.length; cut++) {
      const { seen, sink } = record();
      const readers = Array.from({ length: 3 }, () => new FrameReader(sink, limits, new UnfinishedMessages(60_000)));
      const middle = Math.min(bytes.length, cut + 3);
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut, middle), bytes.subarray(middle)];
      readers.forEach((reader, index) => {
        if (index > 0) reader.resume(readers[index - 1]!.unread());
        reader.push(Buffer.from(pieces[index] ?? []));
      });
      expect(seen).toEqual(read([bytes]));
    }
  });
});
