import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storeKinds } from './helpers/stores.js';
import type { OpenStore } from './helpers/stores.js';

describe.each(storeKinds)('topChannels, on %s', (_name, open) => {
  let opened: OpenStore;

  beforeAll(async () => {
    opened = await open({ channels: { 'kept/*': { history: { size: 2, ageMs: 60_000 } } } });
  });
  afterAll(() => opened.close());

  it('lists the channels with most publications first, with their processes and streams', async () => {
    const { store, other } = opened;
    await Promise.all(['busy', 'quiet', 'both'].map((channel) => store.subscribe(channel)));
    await other.subscribe('both');
    await store.publish('kept/before', 1);
    const measured = store.topChannels({ overMs: 500 });
    // The reply to a later command of the same link follows the start of the measurement.
    await store.statistics();
    for (let i = 0; i < 30; i++) await store.publish('busy', i);
    for (let i = 0; i < 3; i++) await store.publish('kept/ünïcode', i);
    const listed = await measured;
    expect(listed.map(({ channel }) => channel)).toEqual(['busy', 'kept/ünïcode', 'both', 'quiet', 'kept/before']);
    const [busy, kept, both, quiet, before] = listed;
    expect(busy).toEqual({ channel: 'busy', perSecond: expect.any(Number), processes: 1 });
    expect(busy!.perSecond).toBeGreaterThan(kept!.perSecond);
    expect(kept).toMatchObject({ processes: 0, top: 3, kept: 2, epoch: expect.stringMatching(/./) });
    expect([both, quiet]).toMatchObject([{ processes: other === store ? 1 : 2, perSecond: 0 }, { processes: 1 }]);
    expect(before).toMatchObject({ perSecond: 0, top: 1, kept: 1 });
  });

  it('takes a limit and a beginning of the name, and refuses other bounds', async () => {
    const { store } = opened;
    const listed = await store.topChannels({ startsWith: 'kept/', limit: 1, overMs: 1 });
    expect(listed.map(({ channel }) => channel)).toEqual(['kept/before']);
    const named = await store.topChannels({ channels: ['quiet', 'none'], overMs: 1 });
    expect(named.map(({ channel }) => channel)).toEqual(['quiet']);
    await expect(store.topChannels({ limit: 1001 })).rejects.toThrow(
      '`limit` must be a whole number from 1 to 1000, got 1001',
    );
    await expect(store.topChannels({ overMs: 0 })).rejects.toThrow('`overMs`');
  });
});
