import { describe, expect, it } from '@jest/globals';
import type { KeyChain } from '../src/index.js';
import { storeKinds } from './helpers/stores.js';
import { useStore } from './helpers/use-store.js';

describe.each(storeKinds)('key chains and values, on %s', (_name, open) => {
  const use = useStore(open);

  it.each<[string, KeyChain]>([
    ['an empty chain', []],
    ['a negative number', -1],
    ['a fraction', [1.5]],
    ['an object', [{} as string]],
    ['too many keys', Array<string>(33).fill('k')],
    ['too long a key', 'k'.repeat(1025)],
    ['too long a key, counted in bytes', '€'.repeat(400)],
    ['half of a surrogate pair', 'a\ud800'],
    ['the other half', ['a', '\udc00']],
  ])('refuses %s as a key chain', async (_what, key) => {
    await expect(use.store.set(key, 1)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    expect(await use.store.getAll()).toEqual({});
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'treats %s as a key like any other',
    async (name) => {
      await use.store.set([name, name, 'x'], { [name]: 1 });
      await use.store.set(['o', 'y'], JSON.parse(`{"${name}":{"z":1}}`));
      await use.store.set(['o', 'y', name, 'w'], 2);
      await use.store.concat('o', JSON.parse(`{"${name}":true}`));
      expect(await use.store.get(['o', name])).toBe(true);
      expect(await use.store.get(['o', 'y', name])).toEqual({ z: 1, w: 2 });
      expect(await use.store.get(['o', 'y', 'z'])).toBeUndefined();
      expect(Object.keys((await use.store.getAll()) as object).sort()).toEqual([name, 'o'].sort());
      expect(await use.store.hasKey(['none', name])).toBe(false);
      expect(({} as Record<string, unknown>)['z']).toBeUndefined();
      expect(Object.getPrototypeOf(await use.store.get('o'))).toBe(Object.prototype);
      await use.store.remove([name]);
      expect(await use.store.hasKey(name)).toBe(false);
      expect(typeof Object.prototype.toString).toBe('function');
    },
  );

  it('holds keys of 1 KB and 32 levels', async () => {
    const chain = Array.from({ length: 32 }, (_, i) => `${i}`.padEnd(1024, '€').slice(0, 342));
    await use.store.set(chain, 'deep');
    expect(await use.store.get(chain)).toBe('deep');
  });

  it('refuses a value that cannot be encoded or is too large', async () => {
    const circular: unknown[] = [];
    circular.push(circular);
    await expect(use.store.set('k', circular)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    await expect(use.store.set('k', 1n)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    await expect(use.store.set('k', 'x'.repeat(16 * 1024 * 1024 + 1))).rejects.toMatchObject({
      code: 'SC_RESOURCE_LIMIT',
    });
    expect(await use.store.hasKey('k')).toBe(false);
  });

  it('holds a value of 16 MB', async () => {
    const text = 'ä'.repeat(8 * 1024 * 1024);
    await use.store.set('big', text);
    expect((await use.store.get('big')) === text).toBe(true);
  });

  it('holds 100,000 keys with an expiry', async () => {
    const entries = Array.from({ length: 100_000 }, (_, i) => `k${i}`);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const part = entries.slice(i * 10_000, (i + 1) * 10_000);
        return use.store
          .setMany(part.map((key): [string, number] => [key, i]))
          .then(() => use.store.expire(part, 1000 + i));
      }),
    );
    expect(await use.store.count([])).toBe(100_000);
    const statistics = await use.store.statistics();
    expect(statistics.reduce((sum, { expiries }) => sum + expiries, 0)).toBe(100_000);
    await use.store.unexpire(entries.slice(0, 50_000));
    await use.store.expire(entries.slice(50_000), 0);
    expect(await use.store.count([])).toBe(50_000);
  });
});
