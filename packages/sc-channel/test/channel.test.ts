import { describe, expect, it } from '@jest/globals';
import { SCChannel } from '../src/index.js';
import { recordingOwner } from './support/recording-owner.js';

describe('a channel', () => {
  it('has the constants of its states on the class and on the handle', () => {
    const channel = recordingOwner().set.channel('news');
    const constants = { UNSUBSCRIBED: 'unsubscribed', PENDING: 'pending', SUBSCRIBED: 'subscribed' };
    const { UNSUBSCRIBED, PENDING, SUBSCRIBED } = SCChannel;
    expect({ UNSUBSCRIBED, PENDING, SUBSCRIBED }).toStrictEqual(constants);
    expect(channel).toMatchObject(constants);
  });

  it('goes from unsubscribed over pending to subscribed and back, with its events', () => {
    const { set, asked, events } = recordingOwner();
    const channel = set.channel('news');
    const heard: unknown[] = [];
    channel.on('subscribe', (name) => heard.push(['subscribe', name]));
    channel.on('unsubscribe', (name) => heard.push(['unsubscribe', name]));
    const states: unknown[] = [channel.state];
    states.push(channel.subscribe().state, channel.isSubscribed(), channel.isSubscribed(true));
    set.subscribed('news');
    states.push(channel.getState(), channel.isSubscribed());
    states.push(channel.unsubscribe().state);
    expect(states).toStrictEqual(['unsubscribed', 'pending', false, true, 'subscribed', true, 'unsubscribed']);
    expect(heard).toStrictEqual([
      ['subscribe', 'news'],
      ['unsubscribe', 'news'],
    ]);
    expect(asked).toStrictEqual(['subscribe news', 'unsubscribe news']);
    expect(events).toStrictEqual([
      ['subscribeStateChange', { channel: 'news', oldState: 'unsubscribed', newState: 'pending' }],
      ['subscribeStateChange', { channel: 'news', oldState: 'pending', newState: 'subscribed' }],
      ['subscribe', 'news', {}],
      ['subscribeStateChange', { channel: 'news', oldState: 'subscribed', newState: 'unsubscribed' }],
      ['unsubscribe', 'news'],
    ]);
  });

  it('asks its owner once, however often it is told to subscribe', () => {
    const { set, asked } = recordingOwner();
    const channel = set.channel('news').subscribe().subscribe();
    set.subscribed('news');
    channel.subscribe().unsubscribe().unsubscribe();
    expect(asked).toStrictEqual(['subscribe news', 'unsubscribe news']);
  });

  it('asks for nothing when a listener of the state change takes the subscription back', () => {
    const { set, asked } = recordingOwner();
    const channel = set.channel('news');
    const owner = { took: false };
    channel.on('subscribeFail', () => {
      owner.took = true;
      channel.subscribe();
    });
    channel.subscribe();
    set.failed('news', new Error('no'));
    expect([owner.took, channel.state]).toStrictEqual([true, 'pending']);
    expect(asked).toStrictEqual(['subscribe news', 'subscribe news']);
  });

  it('tells of a refusal and of being kicked out', () => {
    const { set } = recordingOwner();
    const channel = set.channel('news');
    const heard: unknown[] = [];
    channel.on('subscribeFail', (error, name) => heard.push(['subscribeFail', error, name]));
    channel.on('kickOut', (message, name) => heard.push(['kickOut', message, name]));
    channel.on('unsubscribe', (name) => heard.push(['unsubscribe', name]));
    channel.subscribe();
    set.failed('news', 'refused');
    channel.subscribe();
    set.subscribed('news');
    set.kickedOut('news', 'go away');
    expect(heard).toStrictEqual([
      ['subscribeFail', 'refused', 'news'],
      ['kickOut', 'go away', 'news'],
      ['unsubscribe', 'news'],
    ]);
  });

  it('refuses subscribe options that mean nothing', () => {
    const channel = recordingOwner().set.channel('news');
    const wrong = (options: unknown) => () => channel.subscribe(options as { priority: number });
    expect(wrong({ waitForAuth: 'yes' })).toThrow('`waitForAuth` must be true or false, got "yes"');
    expect(wrong({ priority: NaN })).toThrow('`priority` must be a finite number, got NaN');
    expect(wrong({ waitforauth: true })).toThrow(
      '`waitforauth` is not an option of a subscription; did you mean `waitForAuth`?',
    );
    expect(channel.state).toBe('unsubscribed');
  });

  it('publishes through its owner, and answers by promise and by callback', async () => {
    const owner = recordingOwner();
    const channel = owner.set.channel('news');
    const answers: unknown[] = [];
    answers.push(await channel.publish({ a: 1 }, (...args) => answers.push(args)));
    owner.publish = () => Promise.reject(new Error('refused'));
    await expect(channel.publish(2, (...args) => answers.push(args))).rejects.toThrow('refused');
    expect(answers).toStrictEqual([[null, 'ok'], 'ok', [new Error('refused')]]);
    expect(owner.asked).toStrictEqual(['publish news {"a":1}']);
  });

  it('watches without subscribing, each function once, and can stop', () => {
    const { set } = recordingOwner();
    const channel = set.channel('news').subscribe();
    const seen: unknown[] = [];
    const one = (data: unknown): unknown => seen.push(['one', data]);
    const two = (data: unknown): unknown => seen.push(['two', data]);
    channel.watch(one).watch(two).watch(one);
    expect(channel.watchers()).toStrictEqual([one, two]);
    set.deliver('news', 1);
    channel.unwatch(one);
    set.deliver('news', 2);
    channel.unwatch();
    set.deliver('news', 3);
    expect(seen).toStrictEqual([
      ['one', 1],
      ['two', 1],
      ['two', 2],
    ]);
    expect(() => channel.watch('x' as unknown as () => void)).toThrow('A watcher must be a function, got string');
  });

  it('is gone after destroy, and its name gets a new handle', () => {
    const { set, asked } = recordingOwner();
    const channel = set.channel('news').subscribe();
    channel.watch(() => {});
    channel.destroy();
    channel.destroy();
    expect([asked, channel.watchers(), set.get('news')]).toStrictEqual([
      ['subscribe news', 'unsubscribe news'],
      [],
      undefined,
    ]);
    expect(() => channel.subscribe()).toThrow('Channel "news" was destroyed');
    expect(set.channel('news')).not.toBe(channel);
  });
});
