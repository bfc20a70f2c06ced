import { describe, expect, it } from '@jest/globals';
import { ChannelSet, type PendingChannel, type SCChannel, channelOptionChecks } from '../src/index.js';

interface Asked {
  readonly set: ChannelSet;
  readonly room: SCChannel;
  readonly seen: unknown[];
  readonly missing: unknown[];
}

function subscribed(answer?: unknown): Asked {
  const missing: unknown[] = [];
  const seen: unknown[] = [];
  const set = new ChannelSet({
    optionChecks: channelOptionChecks,
    requestSubscribe: () => undefined,
    requestUnsubscribe: () => undefined,
    requestMissing: ({ name, position }: PendingChannel) => missing.push([name, position]),
    publish: () => Promise.resolve(),
    history: (_name, options) =>
      Promise.resolve({
        publications: [{ offset: 1, at: 2, data: options }],
        position: { epoch: 's.1', offset: 1 },
        recovered: true,
        hasMore: false,
      }),
    reportError: (error) => {
      throw error;
    },
  });
  const room = set.channel('room');
  room.on('subscribe', (_name, status) => seen.push(status));
  room.watch((data, { offset, isPast }) => seen.push([data, offset, isPast]));
  room.subscribe();
  set.subscribed('room', answer);
  return { set, room, seen, missing };
}

describe('a channel with history', () => {
  it('tells watchers with two parameters where a publication stands', () => {
    const { set, room, seen } = subscribed({ epoch: 's.1', offset: 2, missed: 1 });
    const plain: unknown[] = [];
    room.watch((...all: unknown[]) => plain.push(all));
    set.deliver('room', 'b', { offset: 2 });
    set.deliver('room', 'c', { offset: 3 });
    set.deliver('room', 'v');
    expect(seen).toEqual([{}, ['b', 2, true], ['c', 3, false], ['v', undefined, false]]);
    expect(plain).toEqual([['b'], ['c'], ['v']]);
    expect(room.position).toEqual({ epoch: 's.1', offset: 3 });
  });

  it('delivers each publication once, and asks for the missing ones', () => {
    const { set, seen, missing } = subscribed({ epoch: 's.1', offset: 0 });
    set.deliver('room', 1, { offset: 1 });
    set.deliver('room', 1, { offset: 1 });
    set.deliver('room', 3, { offset: 3 });
    expect([seen, missing]).toEqual([[{}, [1, 1, false]], [['room', { epoch: 's.1', offset: 1 }]]]);
    set.subscribed('room', { epoch: 's.1', offset: 3, recovered: true, missed: 2 });
    for (const offset of [2, 3, 4]) set.deliver('room', offset, { offset });
    expect(seen.slice(2)).toEqual([{ recovered: true }, [2, 2, true], [3, 3, true], [4, 4, false]]);
  });

  it('keeps its position over a loss, and forgets it with the subscription', () => {
    const { set, room } = subscribed({ epoch: 's.1', offset: 4 });
    set.lost();
    expect([set.pendingInOrder()[0]?.position, room.position]).toEqual([
      { epoch: 's.1', offset: 4 },
      { epoch: 's.1', offset: 4 },
    ]);
    room.unsubscribe();
    expect(room.position).toBeUndefined();
    room.subscribe();
    set.subscribed('room', { epoch: 's.1', offset: 9 });
    set.kickedOut('room', 'Out');
    expect(room.position).toBeUndefined();
  });

  it('follows the server past what it was not meant to see, without a word', () => {
    const { set, seen } = subscribed({ epoch: 's.1', offset: 0 });
    set.moved('room', { epoch: 's.1', offset: 1 });
    set.deliver('room', 2, { offset: 2 });
    expect(seen).toEqual([{}, [2, 2, false]]);
  });

  it('says that the stream was lost while it was subscribed', () => {
    const { set, room, seen } = subscribed({ epoch: 's.1', offset: 7 });
    set.moved('room', { epoch: 't.1', offset: 2 }, 'epoch');
    set.deliver('room', 3, { offset: 3 });
    expect(seen).toEqual([{}, { recovered: false, reason: 'epoch' }, [3, 3, false]]);
    set.moved('room', { epoch: '', offset: 0 }, 'epoch');
    expect(room.position).toBeUndefined();
  });

  it('begins behind a position that it is given, while it is not subscribed', () => {
    const { set, room } = subscribed({ epoch: 's.1', offset: 7 });
    room.subscribe({ since: { epoch: 's.1', offset: 1 } });
    expect(room.position).toEqual({ epoch: 's.1', offset: 7 });
    room.unsubscribe();
    room.subscribe({ since: { epoch: 's.1', offset: 1 } });
    expect(set.pendingInOrder()[0]?.position).toEqual({ epoch: 's.1', offset: 1 });
  });

  it('passes a question for the past to its owner', async () => {
    const { room } = subscribed();
    const { publications } = await room.history({ limit: 3 });
    expect(publications).toEqual([{ offset: 1, at: 2, data: { limit: 3 } }]);
  });

  it.each([
    [{ rewind: 0 }, '`rewind` must be a whole number from 1, or { count, ms } with one or both of them, got 0'],
    [{ rewind: {} }, '`rewind` must be'],
    [{ rewind: { count: 1.5 } }, '`rewind` must be'],
    [{ since: { epoch: '', offset: 0 } }, '`since` must be a position, { epoch, offset }'],
    [{ since: { epoch: 'a.1', offset: -1 } }, '`since` must be'],
  ])('refuses %j', (options, message) => {
    const { set } = subscribed();
    expect(() => set.channel('other').subscribe(options)).toThrow(message);
  });

  it('takes every form of a rewind', () => {
    const { set } = subscribed();
    for (const rewind of [20, { count: 20 }, { ms: 60_000 }, { count: 20, ms: 60_000 }]) {
      expect(set.channel('other').subscribe({ rewind }).state).toBe('pending');
    }
  });
});
