import { describe, expect, it } from '@jest/globals';
import { storeKinds } from './helpers/stores.js';
import { useStore } from './helpers/use-store.js';

describe.each(storeKinds)('ranges and splices, on %s', (_name, open) => {
  const use = useStore(open);

  it.each<[number, number | undefined, number[]]>([
    [2, 5, [2, 3, 4]],
    [4, undefined, [4, 5, 6, 7]],
    [0, 5, [0, 1, 2, 3, 4]],
    [4, 15, [4, 5, 6, 7]],
    [3, 0, [3, 4, 5, 6, 7]],
    [3, null as never, [3, 4, 5, 6, 7]],
    [9, undefined, []],
  ])('gets the range of an array from %j to %j', async (from, to, expected) => {
    await use.store.set(['this', 'is', 'an', 'array'], [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await use.store.getRange(['this', 'is', 'an', 'array'], from, to)).toEqual(expected);
  });

  it.each<[string, string | undefined, object]>([
    ['green', 'blue', { green: 2 }],
    ['blue', undefined, { blue: 3, yellow: 4, orange: 5 }],
    ['green', 'yellow', { green: 2, blue: 3 }],
    ['blue', '', { blue: 3, yellow: 4, orange: 5 }],
    ['blue', null as never, { blue: 3, yellow: 4, orange: 5 }],
    ['none', undefined, {}],
  ])('gets the range of an object from %j to %j', async (from, to, expected) => {
    await use.store.set('o', { red: 1, green: 2, blue: 3, yellow: 4, orange: 5 });
    expect(await use.store.getRange('o', from, to)).toEqual(expected);
  });

  it('has no range where there are no entries', async () => {
    await use.store.set('k', 'scalar');
    expect(await use.store.getRange('k', 0)).toBeUndefined();
    expect(await use.store.getRange('none', 0)).toBeUndefined();
  });

  it('removes ranges', async () => {
    await use.store.set('o', { one: 1, two: 2, three: 3, four: 4, five: 5 });
    await use.store.removeRange('o', 'two', { toIndex: 'three' });
    expect(await use.store.get('o')).toEqual({ one: 1, three: 3, four: 4, five: 5 });
    await use.store.set('l', [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await use.store.removeRange('l', 3, 6, true)).toEqual([3, 4, 5]);
    expect(await use.store.get('l')).toEqual([0, 1, 2, 6, 7, 8]);
    expect(await use.store.removeRange('o', 'four', undefined, true)).toEqual({ four: 4, five: 5 });
  });

  it.each<[number, unknown, number[]]>([
    [2, undefined, [2, 3]],
    [2, null, [2, 3]],
    [2, 0, [2, 3]],
    [1, 15, [1, 2, 3]],
    [0, { toIndex: 2 }, [0, 1]],
    [9, 12, []],
  ])('removes the range of an array from %j to %j', async (from, to, removed) => {
    await use.store.set('l', [0, 1, 2, 3]);
    expect(await use.store.getRange('l', from, (to as { toIndex?: number } | null)?.toIndex ?? (to as number))).toEqual(
      removed,
    );
    await use.store.removeRange('l', from, to as number);
    expect(await use.store.get('l')).toEqual([0, 1, 2, 3].filter((item) => !removed.includes(item)));
  });

  it.each<[string, object, unknown[], unknown[]]>([
    ['replaces', { index: 1, count: 1, items: ['x'] }, ['a', 'x', 'c', 'd'], ['b']],
    ['deletes to the end', { index: 2 }, ['a', 'b'], ['c', 'd']],
    ['deletes from the beginning', { count: 2 }, ['c', 'd'], ['a', 'b']],
    ['only inserts', { index: 2, count: 0, items: ['x', 'y'] }, ['a', 'b', 'x', 'y', 'c', 'd'], []],
    ['inserts what is nested', { index: 3, items: [{ deep: [1] }] }, ['a', 'b', 'c', { deep: [1] }], ['d']],
    ['counts from the end', { index: -1 }, ['a', 'b', 'c'], ['d']],
    ['takes no more than there is', { index: 3, count: 9 }, ['a', 'b', 'c'], ['d']],
    ['begins at 0 and goes to the end when nothing else is said', {}, [], ['a', 'b', 'c', 'd']],
    ['replaces everything', { items: ['x'] }, ['x'], ['a', 'b', 'c', 'd']],
  ])('splices: %s', async (_what, options, after, removed) => {
    await use.store.set('l', ['a', 'b', 'c', 'd']);
    expect(await use.store.splice('l', { ...options, getValue: true })).toEqual(removed);
    expect(await use.store.get('l')).toEqual(after);
  });

  it('reaches into what was spliced', async () => {
    await use.store.splice('l', { items: [{ deep: [1, 2] }] });
    expect(await use.store.get(['l', 0, 'deep', 1])).toBe(2);
    await use.store.set('s', 'scalar');
    await expect(use.store.splice('s', { index: 0 })).rejects.toMatchObject({ code: 'SC_STORE' });
  });
});
