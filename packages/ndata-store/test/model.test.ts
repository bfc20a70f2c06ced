import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storeKinds } from './helpers/stores.js';
import type { OpenStore } from './helpers/stores.js';

type Tree = Record<string, unknown>;
type Step = (store: OpenStore['store'], model: Tree) => Promise<void>;

const root = fc.constantFrom('a', 'b', '__proto__');
const key = fc.constantFrom<string | number>('x', 'constructor', 0, 1, 2);
const chain = fc.tuple(root, fc.array(key, { maxLength: 2 })).map(([first, rest]) => [first, ...rest]);
/** Without -0, which JSON does not know. */
const value = fc.jsonValue({ maxDepth: 2 }).map((each) => JSON.parse(JSON.stringify(each)) as unknown);

function isStructure(node: unknown): node is Tree {
  return typeof node === 'object' && node !== null;
}

/** A child, and never what a prototype has. */
function child(node: unknown, name: string | number): unknown {
  return isStructure(node) && Object.hasOwn(node, name) && !(Array.isArray(node) && !isPlace(name))
    ? node[name]
    : undefined;
}

function isPlace(name: string | number): boolean {
  return /^\d+$/.test(String(name));
}

function put(node: Tree, name: string | number, item: unknown): void {
  Object.defineProperty(node, name, { value: item, enumerable: true, configurable: true, writable: true });
}

function find(model: Tree, keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(child, model);
}

/** Objects that were lists until they got a hole. */
const holed = new WeakSet<Tree>();

/** Such an object, as a list again once its holes are filled. */
function filled(node: Tree): unknown {
  if (!holed.has(node)) return node;
  const names = Object.keys(node);
  const items = names.map((_name, place) => child(node, place));
  return names.every((_name, place) => Object.hasOwn(node, place)) ? items : node;
}

/** Sets as the store says it does: levels are made, values without keys replaced, lists with holes become objects. */
function set(model: Tree, keys: readonly (string | number)[], item: unknown): void {
  const [first, ...rest] = keys as [string | number, ...(string | number)[]];
  const before = child(model, first);
  let next: unknown = item;
  if (rest.length > 0) {
    next = isStructure(before) ? before : {};
    const [second] = rest as [string | number];
    if (Array.isArray(next) && !(isPlace(second) && Number(second) <= next.length)) {
      next = Object.fromEntries(Object.entries(next));
      holed.add(next as Tree);
    }
    set(next as Tree, rest, item);
    next = filled(next as Tree);
  }
  put(model, first, next);
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(chain, value).map(([keys, item]): Step => async (store, model) => {
    set(model, keys, structuredClone(item));
    expect(await store.set(keys, item, true)).toEqual(item);
  }),
  chain.map((keys): Step => async (store, model) => {
    expect(await store.get(keys)).toEqual(find(model, keys));
    expect(await store.hasKey(keys)).toBe(find(model, keys) !== undefined);
  }),
  root.map((name): Step => async (store, model) => {
    expect(await store.remove(name, true)).toEqual(child(model, name));
    delete model[name];
  }),
  fc.tuple(chain, value).map(([keys, item]): Step => async (store, model) => {
    const before = find(model, keys);
    const isList = Array.isArray(before);
    if (isStructure(before) && !isList) return;
    set(model, keys, before === undefined ? [item] : isList ? [...(before as unknown[]), item] : [before, item]);
    expect(await store.add(keys, item)).toBe((find(model, keys) as unknown[]).length - 1);
  }),
  fc
    .tuple(chain, fc.nat(4), fc.nat(3), fc.array(value, { maxLength: 2 }))
    .map(([keys, index, count, items]): Step => async (store, model) => {
      const before = find(model, keys);
      if (!Array.isArray(before)) return;
      const after = [...(before as unknown[])];
      const removed = after.splice(index, count, ...items);
      set(model, keys, after);
      expect(await store.splice(keys, { index, count, items, getValue: true })).toEqual(removed);
    }),
  fc.tuple(chain, fc.integer({ min: -5, max: 5 })).map(([keys, by]): Step => async (store, model) => {
    const before = find(model, keys) ?? 0;
    if (typeof before !== 'number' || find(model, keys) === null) {
      await expect(store.increment(keys, by)).rejects.toMatchObject({ code: 'SC_STORE' });
      return;
    }
    set(model, keys, before + by);
    expect(await store.increment(keys, by)).toBe(before + by);
  }),
);

describe.each(storeKinds)('random commands, on %s', (_name, open) => {
  let opened: OpenStore;

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  it('leave what they would leave in a plain object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const model: Tree = {};
        await opened.store.removeAll();
        for (const each of steps) await each(opened.store, model);
        const tree = (await opened.store.getAll()) as Tree;
        expect(Object.keys(tree).sort()).toEqual(Object.keys(model).sort());
        for (const name of Object.keys(model)) expect(child(tree, name)).toEqual(child(model, name));
      }),
      // A failure prints its seed and the shortest steps that fail.
      { numRuns: 200 },
    );
  });
});
