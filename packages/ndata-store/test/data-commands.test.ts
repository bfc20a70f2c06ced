import { describe, expect, it } from '@jest/globals';
import { CommandList } from '../src/index.js';
import { storeKinds } from './helpers/stores.js';
import { useStore } from './helpers/use-store.js';
import { waitFor } from './helpers/wait-for.js';

describe.each(storeKinds)('the commands about keys, on %s', (_name, open) => {
  let now = 1_700_000_000_000;
  const use = useStore(open, { now: () => now, sweepIntervalMs: 5 });

  it.each<[string, unknown]>([
    ['a text', 'This is a value'],
    ['a text with every kind of character', 'aä€😀\u0000\u0001\u0017\ud800'],
    ['the empty text', ''],
    ['a number', -12.5e-7],
    ['true', true],
    ['null', null],
    ['an object', { a: { b: [1, { c: null }] }, 'ключ €': '€' }],
    ['an array', [1, 'two', [3], { four: 4 }]],
    ['an empty object', {}],
    ['an empty array', []],
    ['binary data', new Uint8Array([0, 1, 2, 255])],
    ['binary data inside', { data: new Uint8Array([1, 2]), list: [new Uint8Array([3])] }],
  ])('gets back %s, on its own and beneath a key', async (_what, value) => {
    await use.store.set('k', value);
    await use.store.set(['tree', 'branch', 0], value);
    expect(await use.store.get('k')).toEqual(value);
    expect(await use.store.get(['tree', 'branch', 0])).toEqual(value);
    expect(await use.store.get('tree')).toEqual({ branch: { 0: value } });
  });

  it('sets along a key chain, and answers with the value only when asked', async () => {
    expect(await use.store.set(['a', 'b', 'c'], 'v', true)).toBe('v');
    expect(await use.store.set(['a', 'b', 'd'], 'v', { getValue: true })).toBe('v');
    expect(await use.store.set(['a', 'b', 'e'], 'v')).toBeUndefined();
    expect(await use.store.get('a')).toEqual({ b: { c: 'v', d: 'v', e: 'v' } });
  });

  it('calls back with null and the value, or with the error', async () => {
    const calls: unknown[][] = [];
    const note = (...args: unknown[]): void => void calls.push(args);
    await use.store.set('k', [1, 2, 3], note);
    await use.store.set('k', [1, 2, 3], true, note);
    await use.store.get('k', note);
    await use.store.getRange('k', 1, note);
    await use.store.increment('n', note);
    await use.store.remove('k', note);
    await use.store.hasKey('k', note);
    await use.store.removeRange('m', 'a', note);
    await expect(use.store.get([], note)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    expect(calls.map(([error]) => error === null)).toEqual([true, true, true, true, true, true, true, true, false]);
    expect(calls.map(([, value]) => value)).toEqual([
      undefined,
      [1, 2, 3],
      [1, 2, 3],
      [2, 3],
      1,
      undefined,
      false,
      undefined,
      undefined,
    ]);
  });

  it('sees its own write from inside a callback', async () => {
    await new Promise<void>((resolve, reject) => {
      void use.store.set('k', 1, () => {
        void use.store.get('k', (error, value) => {
          if (error === null && value === 1) resolve();
          else reject(error ?? new Error(String(value)));
        });
      });
    });
    expect(await use.store.hasKey('k')).toBe(true);
  });

  it('replaces a value without keys that is in the way, and looks into one that has keys', async () => {
    await use.store.set('k', 'scalar');
    await use.store.set(['k', 'deep', 'er'], 1);
    expect(await use.store.get('k')).toEqual({ deep: { er: 1 } });
    await use.store.set('o', { a: { b: 1 }, c: 2 });
    await use.store.set(['o', 'a', 'x'], 3);
    expect(await use.store.get('o')).toEqual({ a: { b: 1, x: 3 }, c: 2 });
    expect(await use.store.get(['o', 'a', 'b', 'none'])).toBeUndefined();
    expect(await use.store.get('nothing')).toBeUndefined();
  });

  it('replaces what was set to one key before', async () => {
    await use.store.set(['that', '8a-b'], [1, 2, 3, 4, 5]);
    await use.store.set(['that', '8a-b'], [6, 7, 8]);
    expect(await use.store.get('that')).toEqual({ '8a-b': [6, 7, 8] });
  });

  it('answers with copies', async () => {
    const value = { list: [1] };
    await use.store.set('k', value);
    value.list.push(2);
    ((await use.store.get('k')) as typeof value).list.push(3);
    expect(await use.store.get('k')).toEqual({ list: [1] });
  });

  it('gets the whole tree, and removes it', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => use.store.set([key, 'x'], key)));
    expect(await use.store.getAll()).toEqual({
      a: { x: 'a' },
      b: { x: 'b' },
      c: { x: 'c' },
      d: { x: 'd' },
      e: { x: 'e' },
    });
    await use.store.removeAll();
    expect(await use.store.getAll()).toEqual({});
  });

  it('adds to nothing, to a value, to a list and to an object, and answers with the place', async () => {
    expect(await use.store.add('list', 'a')).toBe(0);
    expect(await use.store.add('list', 'b')).toBe(1);
    await use.store.set('scalar', 'old');
    expect(await use.store.add('scalar', 'new')).toBe(1);
    await use.store.set('map', { x: 1, 4: 'four' });
    expect(await use.store.add('map', 'five')).toBe(5);
    expect(await use.store.getAll()).toEqual({
      list: ['a', 'b'],
      scalar: ['old', 'new'],
      map: { x: 1, 4: 'four', 5: 'five' },
    });
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['a text onto a text', 'a', 'b', ['a', 'b']],
    ['an array onto a text', 'a', ['b', 'c'], ['a', 'b', 'c']],
    ['an object onto a text', 'a', { b: 1 }, ['a', { b: 1 }]],
    ['an array onto a list', [1], [2, 3], [1, 2, 3]],
    ['a text onto a list', [1], 'b', [1, 'b']],
    ['an object onto a list', [1], { one: 1 }, { 0: 1, one: 1 }],
    ['an object onto an object', { a: 1, b: 1 }, { b: 2, c: 2 }, { a: 1, b: 2, c: 2 }],
    ['an array onto an object', { a: 1 }, ['x'], { a: 1, 0: 'x' }],
    ['an array onto nothing', undefined, [1], [1]],
    ['a text onto nothing', undefined, 'a', 'a'],
    ['an object onto nothing', undefined, { a: 1 }, { a: 1 }],
  ])('concatenates %s', async (_what, before, addition, after) => {
    if (before !== undefined) await use.store.set(['c', 'k'], before);
    expect(await use.store.concat(['c', 'k'], addition, true)).toEqual(after);
    expect(await use.store.get(['c', 'k'])).toEqual(after);
  });

  it('removes, with the value when asked', async () => {
    await use.store.set(['a', 'b'], 1);
    await use.store.set(['a', 'c'], [2]);
    expect(await use.store.remove(['a', 'b'])).toBeUndefined();
    expect(await use.store.remove(['a', 'c'], true)).toEqual([2]);
    expect(await use.store.remove(['a', 'c'], { getValue: true })).toBeUndefined();
    expect(await use.store.get('a')).toEqual({});
  });

  it('reads an array with a hole as an object, and as an array again once the hole is filled', async () => {
    await use.store.set('l', ['a', 'b', 'c']);
    await use.store.remove(['l', 1]);
    expect(await use.store.get('l')).toEqual({ 0: 'a', 2: 'c' });
    await use.store.set(['l', 1], 'B');
    expect(await use.store.get('l')).toEqual(['a', 'B', 'c']);
    await use.store.remove(['l', 2]);
    expect(await use.store.get('l')).toEqual(['a', 'B']);
    await use.store.set(['l', 2], 'C');
    expect(await use.store.add('l', 'D')).toBe(3);
    expect(await use.store.get('l')).toEqual(['a', 'B', 'C', 'D']);
  });

  it('takes null for options that were left out, as plain JavaScript may say it', async () => {
    const none = null as never;
    expect(await use.store.set('l', [1, 2, 3], none)).toBeUndefined();
    expect(await use.store.concat('l', [4], none)).toBeUndefined();
    expect(await use.store.pop('l', none)).toBeUndefined();
    expect(await use.store.remove(['l', 2], none)).toBeUndefined();
    expect(await use.store.get('l')).toEqual([1, 2]);
    expect(await use.store.keys('l', none)).toEqual({ keys: ['0', '1'] });
    expect(await use.store.splice('l', none)).toBeUndefined();
    expect(await use.store.get('l')).toEqual([]);
  });

  it('pops an array of one', async () => {
    await use.store.set('l', ['a', 'b']);
    expect(await use.store.pop('l', true)).toEqual(['b']);
    expect(await use.store.pop('l')).toBeUndefined();
    expect(await use.store.pop('l', true)).toEqual([]);
    expect(await use.store.pop('none', true)).toEqual([]);
    await use.store.set('o', { a: 1, b: 2 });
    expect(await use.store.pop('o', true)).toEqual([2]);
    expect(await use.store.getAll()).toEqual({ l: [], o: { a: 1 } });
  });

  it('knows keys and counts entries', async () => {
    await use.store.setMany([
      ['list', [1, 2, 3]],
      ['map', { a: 1 }],
      ['scalar', 'x'],
      ['zero', 0],
      ['empty', ''],
    ]);
    expect(await use.store.hasKey(['list', 2])).toBe(true);
    expect(await use.store.hasKey(['list', 3])).toBe(false);
    expect(await use.store.hasKey('zero')).toBe(true);
    const counts = await Promise.all(
      ['list', 'map', 'scalar', 'zero', 'empty', 'none'].map((key) => use.store.count(key)),
    );
    expect(counts).toEqual([3, 1, 1, 0, 0, 0]);
    expect(await use.store.count([])).toBe(5);
  });

  it('increments numbers and nothing else', async () => {
    expect(await use.store.increment(['n', 'x'])).toBe(1);
    expect(await use.store.increment(['n', 'x'], -2.5)).toBe(-1.5);
    await use.store.set('t', '5');
    await expect(use.store.increment('t')).rejects.toMatchObject({ code: 'SC_STORE' });
    await expect(use.store.increment('n', Infinity)).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
  });

  it('sets only what is as expected', async () => {
    expect(await use.store.compareAndSet('k', undefined, { a: 1, b: 2 })).toBe(true);
    expect(await use.store.compareAndSet('k', undefined, 'no')).toBe(false);
    expect(await use.store.compareAndSet('k', { b: 2, a: 1 }, 'yes')).toBe(true);
    expect(await use.store.compareAndSet('k', 'other', 'no')).toBe(false);
    expect(await use.store.compareAndSet('none', null, 'no')).toBe(false);
    expect(await use.store.getAll()).toEqual({ k: 'yes' });
  });

  it('sets what is not there, with its expiry, and answers whether it did', async () => {
    expect(await use.store.setIfAbsent(['leases', 'job'], 'ada', { ttlMs: 60_000 })).toBe(true);
    expect(await use.store.setIfAbsent(['leases', 'job'], 'bob', { ttlMs: 120_000 })).toBe(false);
    expect(await use.store.get('leases')).toEqual({ job: 'ada' });
    expect(await use.store.getExpiry(['leases', 'job'])).toBe(now / 1000 + 60);
    // An expiry that was set for nothing is not the value's.
    await use.store.expire(['none'], 1000);
    expect(await use.store.setIfAbsent('none', null)).toBe(true);
    expect(await use.store.getExpiry('none')).toBeUndefined();
    expect(await use.store.setIfAbsent('none', 1)).toBe(false);
    await expect(use.store.setIfAbsent('k', 1, { ttlMs: 0 })).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
    const both = new CommandList().setIfAbsent('k', 1).setIfAbsent('k', 2).get('k');
    expect(await use.store.transaction(both)).toEqual([true, false, 1]);
  });

  it('gets and sets many keys in one go', async () => {
    await use.store.setMany([
      [['a', 0], 1],
      ['b', { x: 2 }],
      ['c', '3'],
    ]);
    expect(await use.store.getMany(['c', 'none', ['b', 'x'], 'a'])).toEqual(['3', undefined, 2, { 0: 1 }]);
    expect(await use.store.getMany([])).toEqual([]);
  });

  it('lists keys page by page', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `key ${i}`);
    await use.store.setMany([...names.map((name): [string, number] => [name, 1]), ['other', 1]]);
    const found: string[] = [];
    let pages = 0;
    for (let cursor: string | number | undefined; ; pages++) {
      const page = await use.store.keys([], {
        startsWith: 'key',
        limit: 4,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...page.keys);
      ({ cursor } = page);
      if (cursor === undefined) break;
    }
    expect(found.sort()).toEqual(names.sort());
    expect(pages).toBeGreaterThan(4);
    await use.store.set('deep', { a: [1, 2] });
    expect(await use.store.keys('deep')).toEqual({ keys: ['a'] });
    expect(await use.store.keys(['deep', 'a'])).toEqual({ keys: ['0', '1'] });
    await expect(use.store.keys([], { limit: 0 })).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
  });

  it('expires, leaving an empty parent, whatever is set meanwhile', async () => {
    await use.store.set(['check', 'expire', 'key'], 'some data');
    await use.store.expire([['check', 'expire', 'key'], ['other']], 5);
    await use.store.set(['check', 'expire', 'key'], 'other data');
    expect(await use.store.getExpiry(['check', 'expire', 'key'])).toBe(now / 1000 + 5);
    now += 4999;
    expect(await use.store.get('check')).toEqual({ expire: { key: 'other data' } });
    now += 1;
    expect(await use.store.get('check')).toEqual({ expire: {} });
    expect(await use.store.getExpiry(['check', 'expire', 'key'])).toBeUndefined();
  });

  it('expires keys of different stores in one go', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await use.store.setMany(names.map((name): [string, number] => [name, 1]));
    await use.store.expire([...names.map((name) => [name]), ['none']], 1);
    await use.store.unexpire([['a'], ['f'], ['none']]);
    now += 1000;
    expect(await use.store.getAll()).toEqual({ a: 1, f: 1 });
  });

  it('sets with a time to live, and takes an expiry back', async () => {
    await use.store.set('a', 1, { ttlMs: 10 });
    await use.store.set('b', 1, { ttlMs: 10 });
    await use.store.unexpire(['b']);
    now += 10;
    expect(await use.store.getAll()).toEqual({ b: 1 });
    await use.store.set('c', 1, { ttlMs: 10 });
    await use.store.remove('c');
    await use.store.set('c', 2);
    now += 10;
    expect(await use.store.get('c')).toBe(2);
    await expect(use.store.set('d', 1, { ttlMs: 0 })).rejects.toMatchObject({ code: 'SC_INVALID_ARGUMENTS' });
  });

  it('runs a transaction as one, all or nothing', async () => {
    const all = new CommandList().set(['t', 'a'], 1).increment(['t', 'n'], 5).add(['t', 'l'], 'x').get('t');
    expect(await use.store.transaction(all)).toEqual([undefined, 5, 0, { a: 1, n: 5, l: ['x'] }]);
    const failing = new CommandList()
      .set(['t', 'a'], 2)
      .remove(['t', 'l'])
      .expire('t', 1)
      .increment(['t', 'a', 'no'], 1);
    failing.splice(['t', 'a'], { index: 0 }).increment(['t', 'a'], 1);
    await expect(use.store.transaction(failing)).rejects.toMatchObject({ code: 'SC_STORE' });
    expect(await use.store.get('t')).toEqual({ a: 1, n: 5, l: ['x'] });
    expect(await use.store.getExpiry('t')).toBeUndefined();
    expect(await use.store.transaction(new CommandList())).toEqual([]);
  });

  it('tells who watches of writes at, above and beneath, until it unwatches', async () => {
    const seen: string[] = [];
    const listener = ({ keyChain, command }: { keyChain: readonly string[]; command: string }): void =>
      void seen.push(`${command} ${keyChain.join('.')}`);
    await use.store.watch(['w', 'a'], listener);
    await use.other.set(['w', 'a', 'b'], 1);
    await use.other.set(['w', 'x'], 1);
    await use.other.transaction(new CommandList().remove('w').set(['w', 'a'], 2, { ttlMs: 10 }));
    await waitFor('three changes', () => seen.length === 3);
    now += 10;
    await waitFor('the expiry', () => seen.length === 4);
    await use.store.unwatch(['w', 'a'], listener);
    await use.other.set(['w', 'a'], 3);
    await use.store.get('w');
    expect(seen).toEqual(['set w.a.b', 'remove w', 'set w.a', 'expire w.a']);
  });
});
