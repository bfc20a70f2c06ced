import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordingOwner } from './support/recording-owner.js';

async function drain<Data>(source: AsyncIterable<Data>): Promise<Data[]> {
  const all: Data[] = [];
  for await (const data of source) all.push(data);
  return all;
}

describe('iterating over a channel', () => {
  it('gives what is published, in order, until the channel is unsubscribed', async () => {
    const { set } = recordingOwner();
    const channel = set.channel<number>('news').subscribe();
    const all = drain(channel);
    for (const data of [1, 2, 3]) set.deliver('news', data);
    set.lost();
    set.subscribed('news');
    set.deliver('news', 4);
    channel.unsubscribe();
    expect(await all).toStrictEqual([1, 2, 3, 4]);
  });

  it('keeps what came before a kick-out for a reader that is late', async () => {
    const { set } = recordingOwner();
    const iterator = set.channel('news').subscribe().iterate();
    set.deliver('news', 1);
    set.kickedOut('news', 'out');
    expect(await drain(iterator)).toStrictEqual([1]);
  });

  it('throws the refusal when the subscription is refused, once', async () => {
    const { set } = recordingOwner();
    const iterator = set.channel('news').subscribe().iterate();
    const all = drain(iterator);
    set.failed('news', new Error('refused'));
    await expect(all).rejects.toThrow('refused');
    expect(await iterator.next()).toStrictEqual({ done: true, value: undefined });
  });

  it.each([
    ['dropOldest', [3, 4]],
    ['dropNewest', [1, 2]],
  ] as const)('keeps at most maxBuffered, and with %s gives %j', async (whenFull, kept) => {
    const { set } = recordingOwner();
    const channel = set.channel('news').subscribe();
    const iterator = channel.iterate({ maxBuffered: 2, whenFull });
    for (const data of [1, 2, 3, 4]) set.deliver('news', data);
    channel.destroy();
    expect([await drain(iterator), iterator.dropped]).toStrictEqual([kept, 2]);
  });

  it('stops taking publications when the loop is left', async () => {
    const { set } = recordingOwner();
    const channel = set.channel('news').subscribe();
    const iterator = channel.iterate();
    set.deliver('news', 1);
    set.deliver('news', 2);
    for await (const data of iterator) if (data === 1) break;
    set.deliver('news', 3);
    expect(await iterator.next()).toStrictEqual({ done: true, value: undefined });
  });

  it('answers several waiting reads in their order', async () => {
    const { set } = recordingOwner();
    const iterator = set.channel('news').subscribe().iterate();
    const reads = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    set.deliver('news', 1);
    set.deliver('news', 2);
    set.channel('news').unsubscribe();
    expect((await reads).map((one): unknown => one.value)).toStrictEqual([1, 2, undefined]);
  });

  it('refuses limits that mean nothing', () => {
    const channel = recordingOwner().set.channel('news');
    expect(() => channel.iterate({ maxBuffered: 0 })).toThrow('`maxBuffered` must be a whole number from 1, got 0');
    expect(() => channel.iterate({ whenFull: 'wait' as 'dropOldest' })).toThrow(
      '`whenFull` must be one of "dropOldest", "dropNewest", got "wait"',
    );
  });

  it('loses nothing and reorders nothing below its limit, however reads and publications mix', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async (turns) => {
        const { set } = recordingOwner();
        const channel = set.channel<number>('news').subscribe();
        const iterator = channel.iterate();
        const reads: Promise<IteratorResult<number>>[] = [];
        let published = 0;
        for (const publishes of turns) {
          if (publishes) set.deliver('news', published++);
          else reads.push(iterator.next());
        }
        channel.unsubscribe();
        const read = (await Promise.all(reads)).flatMap(({ done, value }) => (done === true ? [] : [value]));
        const rest = await drain(iterator);
        expect([...read, ...rest]).toStrictEqual(Array.from({ length: published }, (_, index) => index));
      }),
    );
  });
});
