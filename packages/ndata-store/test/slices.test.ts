import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CommandList, NdataClient, NdataServer, NdataStore } from '../src/index.js';
import { stepsPerSlice } from '../src/core/slices.js';
import { Changes } from '../src/data/changes.js';
import { Expiry } from '../src/data/expiry.js';
import { Topics, lingerMs } from '../src/data/topics.js';
import { Tree } from '../src/data/tree.js';
import type { MapBranch } from '../src/data/tree-node.js';
import { Undo } from '../src/data/undo.js';
import { readSnapshot } from '../src/persist/recovery.js';
import { Snapshot } from '../src/persist/snapshot.js';
import { emptyData, stateOf } from './helpers/kept-state.js';
import { randomFrom } from './helpers/random-commands.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => Promise<unknown>)[] = [];
const seed = Number(process.env['NDATA_SEED'] ?? Date.now() % 1_000_000);

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

/** Whether anything looks at the entries of a map. */
function watchEntries(branch: MapBranch): () => number {
  const looks = [
    jest.spyOn(branch.entries, Symbol.iterator),
    jest.spyOn(branch.entries, 'keys'),
    jest.spyOn(branch.entries, 'values'),
    jest.spyOn(branch.entries, 'entries'),
    jest.spyOn(branch.entries, 'forEach'),
  ];
  return () => looks.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

describe('a root with many keys', () => {
  const count = 10_000;

  function filled(changes: Changes): { tree: Tree; expiry: Expiry; looks: () => number } {
    const tree = new Tree(changes);
    const expiry = new Expiry(changes);
    for (let i = 0; i < count; i++) {
      tree.set(['codes', `code ${i}`], String(i));
      expiry.set(['codes', `code ${i}`], 1000);
    }
    return { tree, expiry, looks: watchEntries(tree.findBranch(['codes']) as MapBranch) };
  }

  it.each<[string, (tree: Tree) => void]>([
    ['removed', (tree) => tree.remove(['codes'])],
    ['overwritten', (tree) => tree.set(['codes'], '1')],
    ['cleared with all others', (tree) => tree.clear()],
  ])('is %s without a look at any of them, and its memory is free', (_name, change) => {
    const { tree, looks } = filled(new Changes());
    tree.set(['other'], '1');
    const bytes = tree.bytes;
    change(tree);
    expect(looks()).toBe(0);
    expect(tree.bytes).toBeLessThan(bytes / 100);
    tree.remove(['codes']);
    tree.remove(['other']);
    expect(tree.bytes).toBe(0);
  });

  it('changes one of them in a transaction, and puts it back, without a look at the others', () => {
    const changes = new Changes();
    const { tree, expiry, looks } = filled(changes);
    const undo = new Undo(changes);
    changes.undo = undo;
    tree.set(['codes', 'code 5'], 'new');
    tree.remove(['codes', 'code 6']);
    expiry.remove(['codes', 'code 7']);
    changes.undo = undefined;
    undo.restore(tree);
    expect(looks()).toBe(0);
    expect(tree.find(['codes', 'code 5'])).toBe('5');
    expect(tree.find(['codes', 'code 6'])).toBe('6');
    expect(expiry.get(['codes', 'code 7'])).toBe(1000);
  });
});

/** Changes that a store makes, at random, of any kind. */
function randomChange(data: ReturnType<typeof emptyData>, random: (below: number) => number): void {
  const { tree, expiry, streams } = data;
  const keys = [`root ${random(3)}`, ...(random(4) === 0 ? [] : [String(random(3000))])];
  if (keys.length > 1 && random(3) === 0) keys.push(['x', '0', '1', '5'][random(4)]!);
  const kinds = [
    () => tree.set(keys, `${random(1000)}`),
    () => tree.set(keys, ['[1,2,3]', '{"x":1,"2":[]}'][random(2)]!),
    () => tree.remove(keys),
    () => {
      const list = tree.findList(keys);
      if (list !== undefined) tree.splice(keys, list, random(3), random(3), ['7', '8'].slice(random(3)));
    },
    () => {
      const list = tree.findList(keys);
      if (list !== undefined) tree.append(keys, list, ['9']);
    },
    () => {
      const branch = tree.findBranch(keys);
      if (branch?.isList === false) tree.removeEntries(keys, branch, ['x', '1', '2']);
    },
    () => expiry.set(keys, 1000 + random(1000)),
    () => expiry.remove(keys),
    () => expiry.removeBeneath(keys),
    () => {
      if (random(200) === 0) tree.clear();
      else if (random(200) === 0) expiry.clear();
    },
    () => {
      const stream = streams.open(`channel ${random(3)}`, { maxSize: 5000, maxAgeMs: 1e9 }, 1, random(2) === 0);
      streams.append(stream, 1, 'x'.repeat(random(200)));
    },
    () => random(20) === 0 && streams.remove(`channel ${random(3)}`),
  ];
  kinds[random(kinds.length)]!();
}

describe('a transaction that fails', () => {
  it(`leaves the data, its memory and what is logged as they were, whatever it did (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const changes = new Changes();
    const data = { ...emptyData(), tree: new Tree(changes), expiry: new Expiry(changes) };
    const sorted = (): unknown => [JSON.parse(stateOf(data)), data.tree.bytes];
    for (let round = 0; round < 300; round++) {
      for (let i = random(20); i > 0; i--) randomChange(data, random);
      const before = sorted();
      const undo = new Undo(changes);
      changes.undo = undo;
      for (let i = random(30); i > 0; i--) randomChange({ ...data, streams: emptyData().streams }, random);
      changes.undo = undefined;
      undo.restore(data.tree);
      // Entries that were removed meanwhile stand at the end, so their order is another one.
      expect(inOrder(sorted())).toEqual(inOrder(before));
    }
  });
});

/** With the entries of maps in the order of their keys. */
function inOrder(value: unknown): unknown {
  if (!Array.isArray(value)) {
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inOrder(item)]));
  }
  const items = value.map(inOrder);
  const isEntries = items.every((item) => Array.isArray(item) && item.length === 2 && typeof item[0] === 'string');
  return isEntries ? items.sort((a, b) => ((a as string[])[0]! < (b as string[])[0]! ? -1 : 1)) : items;
}

describe('a snapshot', () => {
  it(`holds the state of its moment, whatever changes while it is written (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const changes = new Changes();
    const data = emptyData(changes);
    for (let i = 0; i < 3000; i++) {
      for (let root = 0; root < 3; root++) {
        data.tree.set([`root ${root}`, String(i)], `"${'v'.repeat(random(60))}"`);
        data.expiry.set([`root ${root}`, String(i)], 5000 + i);
      }
      const stream = data.streams.open(`channel ${i % 3}`, { maxSize: 5000, maxAgeMs: 1e9 }, 1);
      data.streams.append(stream, 1, 'x'.repeat(random(300)));
    }
    const folder = folders.make();
    for (let round = 0; round < 5; round++) {
      const before = stateOf(data);
      const path = join(folder, `snapshot-${round}.nd`);
      const meta = { generation: round, life: 1, streamLife: 1, startedAt: '' };
      let isDone = false as boolean;
      const writing = new Snapshot(data, changes, { meta, keepsKeys: true }).write(path).finally(() => (isDone = true));
      let turns = 0;
      while (!isDone) {
        for (let i = 0; i < 20; i++) randomChange(data, random);
        turns++;
        await turn();
      }
      const bytes = await writing;
      expect(turns).toBeGreaterThan(bytes / (512 * 1024));
      const found = emptyData();
      const file = { kind: 'snapshot', generation: round, path, bytes, meta, end: undefined, isNewest: false } as const;
      expect(readSnapshot(found, file)).toMatchObject({ isComplete: true, flaws: [] });
      expect(stateOf(found)).toBe(before);
    }
  }, 120_000);

  it('of one large root is written in slices, and calls are answered between them', async () => {
    const folder = folders.make();
    const store = new NdataStore({ persist: { folder, fsync: 'written' } });
    closers.push(() => store.close());
    for (let i = 0; i < 20_000; i++) store.controller.dataMap.set(['codes', `code ${i}`], 'v'.repeat(100));
    let isDone = false as boolean;
    const compaction = store.compact().finally(() => (isDone = true));
    const sizes: number[] = [];
    while (!isDone) {
      store.controller.dataMap.increment(['codes', 'counter']);
      sizes.push(sizeOf(join(folder, 'snapshot-2.nd.tmp')));
      await turn();
    }
    await compaction;
    const steps = sizes.map((size, i) => size - (sizes[i - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThan(700_000);
    expect(sizeOf(join(folder, 'snapshot-2.nd'))).toBeGreaterThan(2_000_000);
  }, 60_000);
});

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

describe('a link that ends', () => {
  const count = 5 * stepsPerSlice;

  it('gives up its subscriptions, watches and members in slices', async () => {
    const socketPath = folders.socketPath();
    const server = new NdataServer({ socketPath });
    closers.push(() => server.close());
    await server.listen();
    const client = new NdataClient({ socketPath });
    const other = new NdataClient({ socketPath });
    closers.push(() => other.close());
    await Promise.all(Array.from({ length: count }, (_, i) => client.subscribe(`channel ${i}`)));
    await Promise.all(
      Array.from({ length: count }, (_, i) => client.join('room', `member ${i}`, { graceMs: i % 2 === 0 ? 0 : 50 })),
    );
    await client.setLastWill(new CommandList().set('left', true));
    let gone = 0;
    let inTurn = 0;
    let mostInTurn = 0;
    let isCounting = true as boolean;
    server.store.on('unsubscribe', () => {
      inTurn++;
      gone++;
    });
    const countTurns = (): void => {
      mostInTurn = Math.max(mostInTurn, inTurn);
      inTurn = 0;
      if (isCounting) setImmediate(countTurns);
    };
    countTurns();
    const membersBefore = server.store.statistics().members;
    await client.close();
    await waitFor('the last will', () => server.store.dataMap.get('left') === true, 60_000);
    await waitFor('all to be given up', () => gone === count && server.store.statistics().members === 0, 60_000);
    isCounting = false;
    expect(membersBefore).toBe(count);
    // The first slice and the next may fall into one turn.
    expect(mostInTurn).toBeLessThanOrEqual(2 * stepsPerSlice);
    expect(await other.members('room')).toEqual([]);
  }, 120_000);
});

describe('counts of channels that nobody came back for', () => {
  it('end a thousand at a time', () => {
    const topics = new Topics();
    const sink = { deliver: () => undefined };
    for (let i = 0; i < 2500; i++) {
      topics.subscribe(`channel ${i}`, sink);
      topics.lost(`channel ${i}`, sink, 0);
    }
    const more = [topics.sweep(lingerMs), topics.sweep(lingerMs), topics.sweep(lingerMs)];
    expect(more).toEqual([true, true, false]);
    expect(topics.bytes).toBe(0);
  });
});
