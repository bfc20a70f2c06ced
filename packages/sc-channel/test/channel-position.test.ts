import { describe, expect, it } from '@jest/globals';
import { ChannelPosition, type PublicationVerdict } from '../src/index.js';

function positionAt(epoch: string, offset: number): ChannelPosition {
  const position = new ChannelPosition();
  position.accept({ epoch, offset });
  return position;
}

describe('a position in a stream', () => {
  it.each<[string, { offset?: number; prev?: number; epoch?: string }, PublicationVerdict, number, string]>([
    ['the next', { offset: 6 }, 'next', 6, 's.1'],
    ['the same again', { offset: 5 }, 'seen', 5, 's.1'],
    ['an older one', { offset: 2 }, 'seen', 5, 's.1'],
    ['one too far', { offset: 7 }, 'gap', 5, 's.1'],
    ['the next of a stream with holes', { offset: 9, prev: 5 }, 'next', 9, 's.1'],
    ['one too far in a stream with holes', { offset: 9, prev: 6 }, 'gap', 5, 's.1'],
    ['one behind a part that was passed over', { offset: 9, prev: 3 }, 'next', 9, 's.1'],
    ['the next in a new life', { offset: 6, epoch: 's.2' }, 'next', 6, 's.2'],
    ['one too far in a new life', { offset: 7, epoch: 's.2' }, 'gap', 5, 's.1'],
    ['an offset that a new life gives again', { offset: 5, epoch: 's.2' }, 'gap', 5, 's.1'],
    ['a volatile one', {}, 'next', 5, 's.1'],
  ])('judges %s', (_name, publication, verdict, offset, epoch) => {
    const position = positionAt('s.1', 5);
    // A publication of the past names the epoch that it was published in, which says nothing of the present one.
    position.accept({ epoch: 's.1', offset: 4 });
    position.move('s.1', 5);
    expect(position.take(publication)).toBe(verdict);
    expect(position.value).toStrictEqual({ epoch, offset });
  });

  it('has none in a channel without history, and takes everything', () => {
    const position = new ChannelPosition();
    expect(position.accept(undefined)).toStrictEqual({});
    expect([position.take({}), position.take({ offset: 7 }), position.take({ offset: 3 }), position.value]).toEqual([
      'next',
      'next',
      'next',
      undefined,
    ]);
  });

  it('begins with the first publication of a stream that begins while it is subscribed', () => {
    const position = new ChannelPosition();
    position.accept(undefined);
    expect(position.take({ offset: 1, epoch: 's.1' })).toBe('next');
    expect(position.value).toStrictEqual({ epoch: 's.1', offset: 1 });
    expect(position.take({ offset: 3 })).toBe('gap');
  });

  it('begins a rewind with the first past publication, and has no position before it', () => {
    const position = new ChannelPosition();
    expect(position.accept({ epoch: 's.1', offset: 100, missed: 3 })).toStrictEqual({});
    expect(position.value).toBeUndefined();
    expect([position.take({ offset: 98 }), position.take({ offset: 99 }), position.take({ offset: 101 })]).toEqual([
      'next',
      'next',
      'gap',
    ]);
    expect([position.isPast(100), position.isPast(101), position.value]).toEqual([
      true,
      false,
      { epoch: 's.1', offset: 99 },
    ]);
  });

  it('stays where it was when what was missed is to come, and takes the epoch of its end', () => {
    const position = positionAt('s.1', 5);
    expect(position.accept({ epoch: 's.3', offset: 7, recovered: true, missed: 2 })).toEqual({ recovered: true });
    expect(position.value).toEqual({ epoch: 's.3', offset: 5 });
    expect([position.take({ offset: 6, epoch: 's.2' }), position.take({ offset: 7 })]).toEqual(['next', 'next']);
    expect(position.value).toEqual({ epoch: 's.3', offset: 7 });
    expect(position.take({ offset: 8 })).toBe('next');
  });

  it('begins anew where a failed recovery says', () => {
    const position = positionAt('s.1', 5);
    const answer = { epoch: 't.1', offset: 2, recovered: false, reason: 'epoch' };
    expect(position.accept(answer)).toEqual({ recovered: false, reason: 'epoch' });
    expect([position.take({ offset: 3 }), position.value]).toEqual(['next', { epoch: 't.1', offset: 3 }]);
  });

  it('loses its place with the stream', () => {
    const position = positionAt('s.1', 5);
    const answer = { epoch: '', offset: 0, recovered: false, reason: 'epoch' };
    expect(position.accept(answer)).toEqual({ recovered: false, reason: 'epoch' });
    expect([position.value, position.take({})]).toEqual([undefined, 'next']);
  });

  it.each([[null], ['text'], [{ epoch: 1, offset: 1 }], [{ epoch: 's.1', offset: -0.5 }], [{ epoch: 's.1' }]])(
    'has none when the server answers %j',
    (answer) => {
      const position = positionAt('s.1', 5);
      expect([position.accept(answer), position.value]).toEqual([{}, undefined]);
    },
  );
});
