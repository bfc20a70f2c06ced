import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextChannelStep, type ChannelCause, type ChannelState } from '../src/index.js';
import { recordingOwner } from './support/recording-owner.js';

describe('the channels of an owner', () => {
  it('may have any name that means something to objects', () => {
    const { set } = recordingOwner();
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'then'];
    const seen: unknown[] = [];
    for (const name of names) {
      set
        .channel(name)
        .subscribe()
        .watch((data) => seen.push([name, data]));
      set.subscribed(name);
    }
    for (const name of names) set.deliver(name, 1);
    expect(set.subscriptions()).toStrictEqual(names);
    expect(seen).toStrictEqual(names.map((name) => [name, 1]));
  });

  it('refuse a name that no frame can carry', () => {
    const { set } = recordingOwner();
    expect(() => set.channel('')).toThrow('A channel name must not be empty');
    expect(() => set.channel(5 as unknown as string)).toThrow('A channel name must be a string, got number');
    expect(set.get('a')).toBeUndefined();
  });

  it('drop what is published to a channel that nobody here subscribed to', () => {
    const { set } = recordingOwner();
    const seen: unknown[] = [];
    const channel = set.channel('news').watch((data) => seen.push(data));
    const delivered = [set.deliver('other', 0), set.deliver('news', 1)];
    channel.subscribe();
    delivered.push(set.deliver('news', 2));
    expect([delivered, seen]).toStrictEqual([[false, false, true], [2]]);
  });

  it('deliver to every watcher at once, also after one that throws, and report what it threw', () => {
    const { set, errors } = recordingOwner();
    const seen: unknown[] = [];
    set
      .channel('news')
      .subscribe()
      .watch(() => {
        throw new Error('bad watcher');
      })
      .watch((data) => seen.push(data));
    set.deliver('news', 'x');
    expect([seen, errors]).toStrictEqual([['x'], [new Error('bad watcher')]]);
  });

  it('report what a listener of a channel throws', () => {
    const { set, errors } = recordingOwner();
    const channel = set.channel('news').on('subscribe', () => {
      throw new Error('bad listener');
    });
    channel.subscribe();
    set.subscribed('news');
    expect([channel.state, errors]).toStrictEqual(['subscribed', [new Error('bad listener')]]);
  });

  it('become pending when the connection is lost, and are asked for by priority, then in their order', () => {
    const { set } = recordingOwner();
    for (const [name, priority] of [['a'], ['b', 2], ['c'], ['d', 2], ['e', -1]] as [string, number?][]) {
      set.channel(name).subscribe(priority === undefined ? {} : { priority });
      set.subscribed(name);
    }
    set.channel('a').unsubscribe().subscribe();
    set.channel('f');
    const unsubscribed: string[] = [];
    for (const name of set.subscriptions(true)) set.channel(name).on('unsubscribe', (gone) => unsubscribed.push(gone));
    set.lost();
    expect(set.pendingInOrder().map(({ name }) => name)).toStrictEqual(['b', 'd', 'c', 'a', 'e']);
    expect(unsubscribed.sort()).toStrictEqual(['b', 'c', 'd', 'e']);
    expect([set.subscriptions(), set.subscriptions(true).length]).toStrictEqual([[], 5]);
  });

  it('are all destroyed by clear', () => {
    const { set, asked } = recordingOwner();
    set.channel('a').subscribe();
    set.channel('b');
    set.clear();
    expect([asked, set.get('a')]).toStrictEqual([['subscribe a', 'unsubscribe a'], undefined]);
  });

  it('follow the state table through any history', () => {
    const causes: ChannelCause[] = ['subscribe', 'unsubscribe', 'accepted', 'refused', 'kickedOut', 'lost'];
    const history = fc.array(fc.tuple(fc.constantFrom('a', '__proto__'), fc.constantFrom(...causes)));
    fc.assert(
      fc.property(history, (steps) => {
        const { set, asked } = recordingOwner();
        const expected = new Map<string, ChannelState>();
        let requests = 0;
        for (const [name, cause] of steps) {
          const before = expected.get(name) ?? 'unsubscribed';
          const after = nextChannelStep(before, cause).state;
          const affected = cause === 'lost' ? [...expected.keys()] : [name];
          for (const one of affected) {
            expected.set(one, nextChannelStep(expected.get(one) ?? 'unsubscribed', cause).state);
          }
          if (before !== after && (cause === 'subscribe' || cause === 'unsubscribe')) requests++;
          const channel = set.channel(name);
          if (cause === 'subscribe') channel.subscribe();
          else if (cause === 'unsubscribe') channel.unsubscribe();
          else if (cause === 'accepted') set.subscribed(name);
          else if (cause === 'refused') set.failed(name, 'no');
          else if (cause === 'kickedOut') set.kickedOut(name, 'out');
          else set.lost();
          for (const [one, state] of expected) expect(set.channel(one).state).toBe(state);
        }
        expect(asked).toHaveLength(requests);
      }),
    );
  });
});
