import { describe, expect, it } from '@jest/globals';
import { dialects, jsonCodec } from '../src/index.js';
import { createB6Dialect } from '../src/legacy/index.js';
import { msgpackCodec } from '../src/msgpack/index.js';
import type { ClientFrame, ServerFrame } from '../src/index.js';
import { thrownBy } from './thrown-by.js';
import { allVectors, readVectors, type InvalidVector, type Vector } from './vectors.js';

const b6Dialect = createB6Dialect('n/app/auth');

const byName = { ...dialects, b6: b6Dialect };

function parse(vector: Pick<Vector, 'from'> & { dialect?: Vector['dialect'] }, value: unknown): unknown {
  const dialect = byName[vector.dialect ?? 'v2'];
  return vector.from === 'client' ? dialect.parseClientFrame(value) : dialect.parseServerFrame(value);
}

describe('the golden vectors', () => {
  const parsed = allVectors.filter((vector) => vector.encodeOnly !== true);
  const encoded = allVectors.filter((vector) => vector.parseOnly !== true);

  it.each(parsed)('$dialect from the $from: reads "$name"', (vector) => {
    expect(parse(vector, jsonCodec.decode(vector.text))).toEqual(vector.frame);
  });

  it.each(encoded)('$dialect from the $from: writes "$name"', (vector) => {
    const frame = vector.frame as unknown as ClientFrame | ServerFrame;
    expect(jsonCodec.encode(byName[vector.dialect].toWire(frame))).toBe(vector.text);
  });

  it.each(parsed)('$dialect from the $from: reads "$name" from MessagePack as well', (vector) => {
    const bytes = msgpackCodec.encode(jsonCodec.decode(vector.text));
    expect(parse(vector, msgpackCodec.decode(bytes as Uint8Array))).toEqual(vector.frame);
  });

  it.each(readVectors<InvalidVector>('invalid'))('from the $from: refuses "$name"', (vector) => {
    expect(thrownBy(() => parse(vector, jsonCodec.decode(vector.text)))).toMatchObject({
      name: 'InvalidFrameError',
      code: 'SC_INVALID_FRAME',
      field: vector.field,
      ...(vector.callId !== undefined && { callId: vector.callId }),
    });
  });

  it.each(readVectors<{ dialect: Vector['dialect']; ping: string; pong: string }>('pings'))(
    'the ping of $dialect is "$ping", its pong "$pong"',
    ({ dialect, ping, pong }) => {
      expect({ ping: byName[dialect].ping, pong: byName[dialect].pong }).toEqual({ ping, pong });
    },
  );

  it('has a vector for every type of frame', () => {
    const types = new Set(allVectors.map(({ frame }) => frame['type']));
    expect([...types].sort()).toEqual(
      [
        'authenticate',
        'deauthenticate',
        'disconnect',
        'event',
        'handshake',
        'history',
        'kickOut',
        'members',
        'position',
        'presence',
        'publication',
        'publish',
        'raw',
        'removeAuthToken',
        'response',
        'setAuthToken',
        'subscribe',
        'subscribed',
        'unsubscribe',
      ].sort(),
    );
  });
});
