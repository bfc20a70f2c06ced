import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import { waitFor } from './helpers/wait-for.js';

const stores: NdataStore[] = [];
const count = 100_000;

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function filled(now: () => number): Promise<NdataStore> {
  const store = new NdataStore({ now, sweepIntervalMs: 1 });
  stores.push(store);
  const { dataMap } = store.controller;
  for (let i = 0; i < count; i++) dataMap.set(['codes', `code ${i}`], i, { ttlMs: 1000 });
  dataMap.set('other', 1);
  return store;
}

describe('100,000 keys with a TTL under one root', () => {
  it('expire together in slices, while other calls are answered and none of them is seen', async () => {
    let now = 1_700_000_000_000;
    const store = await filled(() => now);
    const { dataMap } = store.controller;
    now += 1000;
    expect(dataMap.get('other')).toBe(1);
    // Most are still there to be removed, and a call for any of them finds none.
    expect(store.controller.statistics().expiries).toBeGreaterThan(count / 2);
    expect(dataMap.hasKey(['codes', `code ${count - 1}`])).toBe(false);
    dataMap.set(['codes', 'code 5'], 'new');
    await waitFor('all to be removed', () => store.controller.statistics().expiries === 0, 60_000);
    expect(dataMap.get('codes')).toEqual({ 'code 5': 'new' });
  }, 120_000);

  it('are not seen by a command about all of them, at once', async () => {
    let now = 1_700_000_000_000;
    const store = await filled(() => now);
    now += 1000;
    expect(store.controller.dataMap.count('codes')).toBe(0);
    expect(store.controller.statistics().expiries).toBe(0);
  }, 120_000);

  it('go with their root at once, and leave no expiry', async () => {
    const store = await filled(() => 1_700_000_000_000);
    store.controller.dataMap.remove('codes');
    expect(store.controller.statistics()).toMatchObject({ keys: 1, expiries: 0 });
  }, 120_000);
});
