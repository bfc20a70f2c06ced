import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Store } from '../src/index.js';
import { storeKinds } from './helpers/stores.js';
import type { OpenStore } from './helpers/stores.js';
import { waitFor } from './helpers/wait-for.js';

describe.each(storeKinds)('the commands about channels, on %s', (_name, open) => {
  let opened: OpenStore;
  let store: OpenStore['store'];
  let other: Store;
  let now = 1_700_000_000_000;
  const channels = ['a', 'b', 'c', 'd', 'e'];

  beforeAll(async () => {
    opened = await open({
      now: () => now,
      sweepIntervalMs: 5,
      channels: {
        'stream 2': { history: { size: 3, ageMs: 60_000 } },
        'stream 4': { history: { size: 100, ageMs: 1000 } },
        'stream *': { history: { size: 100, ageMs: 60_000 } },
        'new stream': { history: { size: 100, ageMs: 60_000 } },
        'price/{item}': { last: true },
      },
    });
    ({ store, other } = opened);
  });
  afterEach(async () => {
    store.onPayload = undefined;
    store.removeAllListeners();
    await Promise.all(store.subscriptions().map((channel) => store.unsubscribe(channel)));
  });
  afterAll(() => opened.close());

  it('begins without subscriptions, and lists those it has', async () => {
    expect(store.subscriptions()).toEqual([]);
    const events: string[] = [];
    store.on('subscribe', (channel) => events.push(`subscribe ${channel}`));
    store.on('unsubscribe', (channel) => events.push(`unsubscribe ${channel}`));
    await store.subscribe('news');
    await store.subscribe('news');
    expect(store.subscriptions()).toEqual(['news']);
    expect(store.isSubscribed('news')).toBe(true);
    await store.unsubscribe('news');
    await store.unsubscribe('unknown');
    expect(store.isSubscribed('news')).toBe(false);
    expect(events).toEqual(['subscribe news', 'unsubscribe news']);
  });

  it('calls back for subscribe, unsubscribe and publish', async () => {
    const errors: unknown[] = [];
    const note = (error: Error | null): void => void errors.push(error);
    await store.subscribe('news', note);
    await store.publish('news', 1, note);
    await store.publish('news', undefined, note);
    await store.unsubscribe('news', note);
    await expect(store.subscribe('', note)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    expect(errors).toEqual([null, null, null, null, expect.any(Error)]);
  });

  it('delivers what is published, decoded as a message and as it came to onPayload', async () => {
    const messages: unknown[] = [];
    const payloads: unknown[] = [];
    store.on('message', (channel, data) => messages.push([channel, data]));
    store.onPayload = (channel, payload, offset) => payloads.push([channel, [...payload], offset]);
    await store.subscribe('news');
    await other.publish('news', { ä: [1] });
    await other.publish('news');
    await other.publishPayload('news', new Uint8Array([0xff, 0]));
    await other.publishPayload('news', '"€"');
    other.publishWithoutAck('news', '');
    await other.publish('others', 1);
    await waitFor('five messages', () => messages.length === 5);
    expect(messages).toEqual(
      [
        ['news', { ä: [1] }],
        ['news', undefined],
        ['news', new Uint8Array([0xff, 0])],
        ['news', '€'],
        ['news', undefined],
      ].map(([channel, data]) => [channel, data instanceof Uint8Array ? expect.anything() : data]),
    );
    expect(payloads).toEqual([
      ['news', [...Buffer.from('{"ä":[1]}')], 0],
      ['news', [], 0],
      ['news', [0xff, 0], 0],
      ['news', [...Buffer.from('"€"')], 0],
      ['news', [], 0],
    ]);
  });

  it("keeps each channel's order, and the publisher's", async () => {
    const received: string[] = [];
    store.onPayload = (channel, payload) => received.push(channel + Buffer.from(payload).toString());
    await Promise.all(channels.map((channel) => store.subscribe(channel)));
    const sent: string[] = [];
    const publishes: Promise<unknown>[] = [];
    for (let i = 0; i < 500; i++) {
      const channel = channels[i % channels.length]!;
      sent.push(`${channel}${i}`);
      publishes.push(other.publishPayload(channel, Buffer.from(String(i))));
    }
    await Promise.all(publishes);
    await waitFor('all publications', () => received.length === 500);
    for (const channel of channels) {
      const own = (all: string[]): string[] => all.filter((each) => each.startsWith(channel));
      expect(own(received)).toEqual(own(sent));
    }
  });

  it('survives a listener that throws, and tells of it', async () => {
    const errors: Error[] = [];
    store.on('error', (error) => errors.push(error));
    store.onPayload = () => {
      throw new Error('from the listener');
    };
    await store.subscribe('news');
    await other.publish('news', 1);
    await waitFor('the error', () => errors.length === 1);
    expect(errors[0]?.message).toBe('from the listener');
    expect(await store.hasKey('none')).toBe(false);
  });

  it('treats names of prototypes as channels like any other', async () => {
    const received: string[] = [];
    store.onPayload = (channel) => received.push(channel);
    for (const channel of ['__proto__', 'constructor', 'toString']) {
      await other.publish(channel, 1);
      await store.subscribe(channel);
      await other.publish(channel, 2);
    }
    await waitFor('three publications', () => received.length === 3);
    expect(received).toEqual(['__proto__', 'constructor', 'toString']);
  });

  it('gives each publication of a stream its offset, live and from the past', async () => {
    const live: [number, string][] = [];
    store.onPayload = (_channel, payload, offset) => live.push([offset, Buffer.from(payload).toString()]);
    await store.subscribe('stream 1');
    const positions = [];
    for (const text of ['x', 'y', 'z'])
      positions.push(await other.publishPayload('stream 1', text === 'y' ? text : Buffer.from(text)));
    const { epoch } = positions[0]!;
    expect(positions).toEqual([1, 2, 3].map((offset) => ({ epoch, offset })));
    await waitFor('the publications', () => live.length === 3);
    expect(live).toEqual([
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ]);
    const page = await store.readStream('stream 1', { since: positions[0]! });
    expect(page).toEqual({
      epoch,
      top: 3,
      recovered: true,
      hasMore: false,
      publications: [
        { offset: 2, at: expect.any(Number), payload: new Uint8Array([121]) },
        { offset: 3, at: expect.any(Number), payload: new Uint8Array([122]) },
      ],
    });
    expect(await store.readStream('stream 1', { since: positions[2]! })).toMatchObject({
      recovered: true,
      publications: [],
    });
  });

  it('says why a range cannot be told completely', async () => {
    for (let i = 1; i <= 5; i++) await store.publish('stream 2', i);
    const { epoch, publications } = await store.readStream('stream 2');
    expect(publications.map(({ offset }) => offset)).toEqual([3, 4, 5]);
    const after = (position: object): Promise<object> =>
      store.readStream('stream 2', { since: { epoch, offset: 2, ...position } });
    expect(await after({})).toMatchObject({ recovered: true });
    expect(await after({ offset: 1 })).toMatchObject({ recovered: false, reason: 'trimmed', top: 5 });
    expect(await after({ offset: 6 })).toMatchObject({ recovered: false, reason: 'ahead' });
    expect(await after({ epoch: 'other' })).toMatchObject({ recovered: false, reason: 'epoch' });
  });

  it('gives a position before the first publication, to go on from', async () => {
    const page = await store.readStream('new stream');
    expect(page).toEqual({
      epoch: expect.stringMatching(/^[\w-]{8}\.1$/),
      top: 0,
      recovered: false,
      hasMore: false,
      publications: [],
    });
    await other.publish('new stream', 'first');
    const since = { epoch: page.epoch, offset: page.top };
    expect(await store.readStream('new stream', { since })).toMatchObject({ recovered: true, top: 1 });
  });

  it('keeps what the rules say, whoever publishes, and nothing volatile', async () => {
    const live: [string, number][] = [];
    store.onPayload = (_channel, payload, offset) => live.push([Buffer.from(payload).toString(), offset]);
    await store.subscribe('price/tea');
    await store.subscribe('free');
    expect(await other.publish('free', 1)).toBeUndefined();
    const first = await other.publish('price/tea', 1);
    expect(first).toEqual({ epoch: expect.stringMatching(/\.1$/), offset: 1 });
    expect(await other.publish('price/tea', 'soon gone', { volatile: true })).toBeUndefined();
    const owner = opened.controllers.find((each) => each.channels().includes('price/tea'))!;
    owner.publish('price/tea', 2);
    owner.publishPayload('price/tea', Buffer.from('3'));
    expect(await other.publishPayload('price/tea', '4', { volatile: true })).toBeUndefined();
    expect(await other.publish('price/tea', 5)).toEqual({ ...first, offset: 4 });
    await waitFor('the publications', () => live.length === 7);
    expect(live.map(([, offset]) => offset)).toEqual([0, 1, 0, 2, 3, 0, 4]);
    expect(await store.readStream('price/tea')).toMatchObject({ top: 4, publications: [{ offset: 4 }] });
    expect(await store.readStream('price/tea', { since: first! })).toMatchObject({ reason: 'trimmed' });
    expect(await store.removeStream('price/tea')).toBe(true);
    expect(await store.readStream('free', { since: first! })).toEqual({
      epoch: '',
      top: 0,
      recovered: false,
      reason: 'epoch',
      hasMore: false,
      publications: [],
    });
  });

  it('reads a stream page by page', async () => {
    for (let i = 1; i <= 7; i++) await store.publish('stream 3', i);
    const { epoch } = await store.readStream('stream 3', { limit: 1 });
    const offsets: number[] = [];
    for (let offset = 0, hasMore = true; hasMore;) {
      const page = await store.readStream('stream 3', { since: { epoch, offset }, limit: 3 });
      offsets.push(...page.publications.map((each) => each.offset));
      offset = offsets.at(-1)!;
      ({ hasMore } = page);
    }
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('trims by age and on demand, and keeps the position of an idle stream for a day', async () => {
    await store.publish('stream 4', 'old');
    now += 600;
    const second = await store.publish('stream 4', 'new');
    now += 600;
    expect((await store.readStream('stream 4')).publications.map(({ offset }) => offset)).toEqual([2]);
    await store.publish('stream 4', 'newer');
    await store.trimStream('stream 4', { maxSize: 1 });
    expect((await store.readStream('stream 4')).publications.map(({ offset }) => offset)).toEqual([3]);
    now += 23 * 3_600_000;
    const streams = async (): Promise<number> =>
      (await store.statistics()).reduce((sum, shard) => sum + shard.streams, 0);
    expect(await streams()).toBeGreaterThan(0);
    expect(await store.readStream('stream 4', { since: { ...second!, offset: 3 } })).toMatchObject({
      recovered: true,
      publications: [],
    });
    now += 25 * 3_600_000;
    let left = Infinity;
    await waitFor('the sweep', () => {
      void streams().then((count) => (left = count));
      return left === 0;
    });
    const fresh = await store.publish('stream 4', 'fresh');
    expect(fresh?.offset).toBe(1);
    expect(fresh?.epoch).not.toBe(second?.epoch);
    expect(await store.removeStream('stream 4')).toBe(true);
    expect(await store.removeStream('stream 4')).toBe(false);
  });

  it('knows the members of a channel, and reports who comes, changes and goes', async () => {
    const events: unknown[] = [];
    for (const event of ['memberJoin', 'memberUpdate', 'memberLeave'] as const) {
      store.on(event, (channel, { user, info }) => events.push([event, channel, user, info]));
    }
    await store.watchMembers('room');
    await other.join('room', 'alice', { info: { name: 'Älice' } });
    await other.join('room', 'bob');
    await other.join('room', 'bob', { info: 2 });
    await waitFor('two joins', () => events.length === 2);
    expect(await store.members('room')).toEqual([
      { user: 'alice', info: { name: 'Älice' }, sockets: 1 },
      { user: 'bob', info: 2, sockets: 1 },
    ]);
    expect(await store.memberCount('room')).toBe(2);
    await other.leave('room', 'alice');
    await other.join('room', 'bob', { info: 'three' });
    await waitFor('two more events', () => events.length === 4);
    await store.unwatchMembers('room');
    await other.leave('room', 'bob');
    expect(await store.members('room')).toEqual([]);
    expect(events).toEqual([
      ['memberJoin', 'room', 'alice', { name: 'Älice' }],
      // Changes within a tenth of a second are one.
      ['memberJoin', 'room', 'bob', 2],
      ['memberLeave', 'room', 'alice', { name: 'Älice' }],
      ['memberUpdate', 'room', 'bob', 'three'],
    ]);
  });

  it('counts the sockets of a user, and sees it leave with the last', async () => {
    const events: string[] = [];
    store.on('memberJoin', (channel, { user }) => channel === 'tabs' && events.push(`+${user}`));
    store.on('memberLeave', (channel, { user }) => channel === 'tabs' && events.push(`-${user}`));
    await store.watchMembers('tabs');
    for (const socket of ['one', 'two']) await other.join('tabs', 'ada', { socket, info: 1 });
    expect(await store.members('tabs')).toEqual([{ user: 'ada', info: 1, sockets: 2 }]);
    await waitFor('the join', () => events.length === 1);
    await other.leave('tabs', 'ada', { socket: 'one' });
    expect(await store.members('tabs')).toEqual([{ user: 'ada', info: 1, sockets: 1 }]);
    await other.leave('tabs', 'ada', { socket: 'two' });
    await waitFor('the leave', () => events.length === 2);
    expect(events).toEqual(['+ada', '-ada']);
    await store.unwatchMembers('tabs');
  });

  it('tells its controller of first subscriptions, last ones and publications, but not of its own', async () => {
    const events: unknown[] = [];
    for (const controller of opened.controllers) {
      controller.on('subscribe', (channel) => events.push(['subscribe', channel]));
      controller.on('unsubscribe', (channel) => events.push(['unsubscribe', channel]));
      controller.on('publish', (channel, data) => events.push(['publish', channel, data]));
    }
    const received: unknown[] = [];
    store.on('message', (_channel, data) => received.push(data));
    await store.subscribe('hook');
    await other.publish('hook', { x: 1 });
    for (const controller of opened.controllers) controller.publish('hook', 'from inside');
    await waitFor('both publications', () => received.length === 2);
    await store.unsubscribe('hook');
    expect(received).toEqual([{ x: 1 }, 'from inside']);
    expect(events).toEqual([
      ['subscribe', 'hook'],
      ['publish', 'hook', { x: 1 }],
      ['unsubscribe', 'hook'],
    ]);
    for (const controller of opened.controllers) controller.removeAllListeners();
  });
});
