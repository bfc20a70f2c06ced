import { describe, expect, it } from '@jest/globals';
import { recordingOwner } from './support/recording-owner.js';

/** Handles of two users of one channel, and what each has heard. */
function twoUsers(): {
  readonly owner: ReturnType<typeof recordingOwner>;
  readonly one: ReturnType<ReturnType<typeof recordingOwner>['set']['channel']>;
  readonly other: ReturnType<ReturnType<typeof recordingOwner>['set']['channel']>;
  readonly heard: string[];
} {
  const owner = recordingOwner();
  const heard: string[] = [];
  const [one, other] = ['one', 'other'].map((user) => {
    const handle = owner.set.channel('news').watch((data) => void heard.push(`${user} ${String(data)}`));
    handle.on('subscribe', () => void heard.push(`${user} subscribe`));
    handle.on('unsubscribe', () => void heard.push(`${user} unsubscribe`));
    handle.on('kickOut', () => void heard.push(`${user} kickOut`));
    return handle;
  });
  if (one === undefined || other === undefined) throw new Error('Two handles');
  return { owner, one, other, heard };
}

describe('handles of one channel', () => {
  it('share the subscription, which ends with the last wish', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    owner.set.subscribed('news');
    owner.set.deliver('news', 1);
    one.unsubscribe();
    owner.set.deliver('news', 2);
    expect([one.state, other.state, owner.asked]).toStrictEqual(['unsubscribed', 'subscribed', ['subscribe news']]);
    one.unsubscribe();
    other.unsubscribe();
    expect(owner.asked).toStrictEqual(['subscribe news', 'unsubscribe news']);
    expect(heard).toStrictEqual([
      'one subscribe',
      'other subscribe',
      'one 1',
      'other 1',
      'one unsubscribe',
      'other 2',
      'other unsubscribe',
    ]);
  });

  it('hear of a subscription that was there before', async () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    owner.set.subscribed('news');
    heard.length = 0;
    other.subscribe();
    expect([other.state, heard]).toStrictEqual(['subscribed', []]);
    await Promise.resolve();
    expect([heard, owner.asked]).toStrictEqual([['other subscribe'], ['subscribe news']]);
  });

  it('come back with a new wish after they have left', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    owner.set.subscribed('news');
    one.unsubscribe();
    one.subscribe();
    heard.length = 0;
    owner.set.deliver('news', 1);
    expect(heard).toStrictEqual(['one 1', 'other 1']);
    other.unsubscribe();
    expect(owner.asked).toStrictEqual(['subscribe news']);
  });

  it('lose their wishes together when the other end takes the subscription away', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    owner.set.subscribed('news');
    heard.length = 0;
    owner.set.kickedOut('news', 'out');
    expect([one.state, other.state, heard]).toStrictEqual([
      'unsubscribed',
      'unsubscribed',
      ['one kickOut', 'other kickOut', 'one unsubscribe', 'other unsubscribe'],
    ]);
    one.subscribe();
    expect([other.state, owner.asked]).toStrictEqual(['pending', ['subscribe news', 'subscribe news']]);
  });

  it('keep watchers and listeners apart', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    one.unwatch().off('subscribe');
    owner.set.subscribed('news');
    owner.set.deliver('news', 1);
    expect(heard).toStrictEqual(['other subscribe', 'other 1']);
    expect([one.watchers().length, other.watchers().length]).toStrictEqual([0, 1]);
  });

  it('end the iterators of the one that leaves', async () => {
    const { owner, one, other } = twoUsers();
    one.subscribe();
    other.subscribe();
    const iterators = [one.iterate(), other.iterate()] as const;
    owner.set.subscribed('news');
    one.unsubscribe();
    owner.set.deliver('news', 1);
    expect([await iterators[0].next(), await iterators[1].next()]).toStrictEqual([
      { done: true, value: undefined },
      { done: false, value: 1 },
    ]);
  });

  it('are destroyed one by one', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    one.destroy();
    owner.set.subscribed('news');
    owner.set.deliver('news', 1);
    expect(heard).toStrictEqual(['other subscribe', 'other 1']);
    expect(() => one.watch(() => {})).toThrow('Channel "news" was destroyed');
    other.destroy();
    expect([owner.asked, owner.set.get('news')]).toStrictEqual([['subscribe news', 'unsubscribe news'], undefined]);
  });

  it('are remembered only with a wish, a watcher, a listener or an iterator', () => {
    const { set } = recordingOwner();
    const watcher = (): void => {};
    for (let i = 0; i < 10; i++) void set.channel(`user/${i}`).publish('hello');
    const uses = [
      set.channel('watched').watch(watcher),
      set.channel('listened').on('subscribe', watcher),
      set.channel('wished').subscribe(),
    ];
    const iterator = set.channel('iterated').iterate();
    const names = ['user/1', 'watched', 'listened', 'wished', 'iterated'];
    expect(names.map((name) => set.get(name) !== undefined)).toStrictEqual([false, true, true, true, true]);
    uses[0]?.unwatch(watcher);
    uses[1]?.off('subscribe', watcher);
    uses[2]?.unsubscribe();
    void iterator.return?.();
    expect(names.map((name) => set.get(name) !== undefined)).toStrictEqual([false, false, false, false, false]);
  });
});

describe('a set of channels', () => {
  it('remembers none of 100,000 names that were used in every way and given up', async () => {
    const { set } = recordingOwner();
    const watcher = (): void => {};
    const uses: readonly ((name: string) => unknown)[] = [
      (name) => set.channel(name).publish('hello'),
      (name) => set.channel(name).watch(watcher).unwatch(),
      (name) => set.channel(name).on('kickOut', watcher).off('kickOut', watcher),
      (name) => set.channel(name).iterate().return?.(),
      (name) => set.channel(name).watch(watcher).destroy(),
      (name) => set.common(name).subscribe().unsubscribe(),
      (name) => {
        set.channel(name).subscribe();
        set.failed(name, new Error('Refused'));
      },
      (name) => {
        const handle = set.channel(name).subscribe();
        set.subscribed(name);
        set.kickedOut(name, 'Out');
        return handle.unsubscribe();
      },
      (name) => {
        set.channel(name).once('subscribe', watcher).subscribe();
        set.subscribed(name);
        set.lost(name);
        set.get(name)?.unsubscribe();
      },
      (name) => {
        set.channel(name).subscribe();
        set.channel(name).once('unsubscribe', watcher);
        set.subscribed(name);
        set.get(name)?.unsubscribe();
      },
    ];
    const names = Array.from({ length: 100_000 }, (_, index) => `user/${index}`);
    for (const [index, name] of names.entries()) await uses[index % uses.length]?.(name);
    expect(names.filter((name) => set.record(name) !== undefined)).toStrictEqual([]);
  });

  it('lets go of handles whose only listener was called once', () => {
    const { set } = recordingOwner();
    set.channel('news').subscribe();
    for (let i = 0; i < 100; i++) set.channel('news').once('subscribe', () => {});
    expect(set.record('news')?.parts.size).toBe(101);
    set.subscribed('news');
    expect(set.record('news')?.parts.size).toBe(1);
  });
});

describe('a handle that was never used', () => {
  it('stands for the whole channel, as the one handle of the original did', () => {
    const { owner, one, other, heard } = twoUsers();
    one.subscribe();
    other.subscribe();
    owner.set.subscribed('news');
    const { set } = owner;
    expect([set.channel('news').isSubscribed(), set.channel('news').watchers().length]).toStrictEqual([true, 2]);
    heard.length = 0;
    set.channel('news').unsubscribe();
    expect([one.state, other.state, heard]).toStrictEqual([
      'unsubscribed',
      'unsubscribed',
      ['one unsubscribe', 'other unsubscribe'],
    ]);
    set.channel('news').unwatch();
    set.channel('news').off('subscribe').off('unsubscribe').off('kickOut');
    expect(set.get('news')).toBeUndefined();
  });

  it('removes a watcher or listener that another handle of the name has got', () => {
    const { set } = recordingOwner();
    const seen: unknown[] = [];
    const watcher = (data: unknown): void => void seen.push(data);
    const listener = (): void => void seen.push('subscribe');
    set.channel('news').subscribe();
    set.channel('news').watch(watcher);
    set.channel('news').on('subscribe', listener);
    set.channel('news').unwatch(watcher);
    set.channel('news').off('subscribe', listener);
    set.subscribed('news');
    set.deliver('news', 1);
    expect(seen).toStrictEqual([]);
  });

  it('destroys all others', () => {
    const { owner, one, other } = twoUsers();
    one.subscribe();
    owner.set.channel('news').destroy();
    for (const handle of [one, other]) expect(() => handle.subscribe()).toThrow('Channel "news" was destroyed');
    expect([owner.asked, owner.set.get('news')]).toStrictEqual([['subscribe news', 'unsubscribe news'], undefined]);
  });
});

describe('the common handle', () => {
  it('is one wish, however often it is asked for', () => {
    const { set, asked } = recordingOwner();
    const first = set.common('news').subscribe();
    set.common('news').subscribe();
    set.subscribed('news');
    first.unsubscribe();
    set.common('news').subscribe();
    set.get('news')?.unsubscribe();
    set.common('news').subscribe();
    first.unsubscribe();
    expect(asked).toStrictEqual([
      'subscribe news',
      'unsubscribe news',
      'subscribe news',
      'unsubscribe news',
      'subscribe news',
      'unsubscribe news',
    ]);
    expect([first.state, set.get('news')]).toStrictEqual(['unsubscribed', undefined]);
  });
});

/** An asynchronous function where a synchronous one is expected, as users write it. */
const rejects =
  (message: string): (() => void) =>
  () =>
    Promise.reject(new Error(message));

describe('what watchers and listeners throw', () => {
  it('is reported likewise when they are asynchronous', async () => {
    const { set, errors } = recordingOwner();
    const channel = set.channel('news').subscribe().watch(rejects('watcher')).on('subscribe', rejects('listener'));
    set.subscribed('news');
    set.deliver('news', 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect([channel.state, errors]).toStrictEqual(['subscribed', [new Error('listener'), new Error('watcher')]]);
  });

  it('an event that no channel has is refused with the nearest name', () => {
    const channel = recordingOwner().set.channel('news');
    const on = (name: string) => () => channel.on(name as 'subscribe', () => {});
    expect(on('subscribed')).toThrow('Channels have no event "subscribed"; did you mean "subscribe"?');
    expect(on('kickout')).toThrow('did you mean "kickOut"?');
    expect(on('zzzzzzzzz')).toThrow('they have subscribe, subscribeFail, unsubscribe, kickOut');
  });
});
