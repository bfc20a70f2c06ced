import { appendFileSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CommandList, NdataStore } from '../src/index.js';
import type { FsyncOption, StoreOptions } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const stores: NdataStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  folders.remove();
});

function open(folder: string, options: StoreOptions = {}, fsync: FsyncOption = 'never'): NdataStore {
  const store = new NdataStore({ ...options, persist: { folder, fsync } });
  stores.push(store);
  return store;
}

async function reopen(folder: string, options: StoreOptions = {}): Promise<NdataStore> {
  for (const store of stores.splice(0)) await store.close();
  return open(folder, options);
}

function lastLog(folder: string): string {
  const logs = readdirSync(folder).filter((name) => name.startsWith('log-'));
  return join(folder, logs.sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b))).at(-1) ?? '');
}

async function fill(store: NdataStore): Promise<void> {
  await store.set(['tree', 'ключ', 0], { a: [1, 'ä€😀'] });
  await store.set('text', 'plain');
  await store.set('binary', new Uint8Array([0, 1, 255]));
  await store.setMany([
    ['list', [1, 2, 3]],
    ['map', { x: 1 }],
  ]);
  await store.splice('list', { index: 1, count: 1, items: ['new'] });
  await store.concat('map', { y: 2 });
  await store.increment('n', 5);
  await store.compareAndSet('n', 5, 6);
  await store.add('text', 'second');
  await store.set('gone', 1);
  await store.remove('gone');
  await store.transaction(new CommandList().set(['t', 'a'], 1).pop('list'));
  await store.transaction(new CommandList().set(['t', 'a'], 2).splice('t', {})).then(
    () => Promise.reject(new Error('it must fail')),
    () => undefined,
  );
}

const filled = {
  tree: { ключ: { 0: { a: [1, 'ä€😀'] } } },
  text: ['plain', 'second'],
  binary: new Uint8Array([0, 1, 255]),
  list: [1, 'new'],
  map: { x: 1, y: 2 },
  n: 6,
  t: { a: 1 },
};

describe('a store with a folder', () => {
  it.each<FsyncOption>(['always', 'everySecond', 'never'])('comes back with its data (%s)', async (fsync) => {
    const folder = folders.make();
    await fill(open(folder, {}, fsync));
    const store = await reopen(folder);
    expect(await store.getAll()).toEqual(filled);
    expect(store.recovery).toMatchObject({ droppedBytes: 0 });
  });

  it('comes back from a snapshot and the log behind it, and keeps only those', async () => {
    const folder = folders.make();
    const first = open(folder);
    await fill(first);
    await first.compact();
    await first.increment('n');
    expect(readdirSync(folder).sort()).toEqual(['lock', 'log-2.nd', 'manifest.json', 'snapshot-2.nd']);
    const second = await reopen(folder);
    expect(await second.getAll()).toEqual({ ...filled, n: 7 });
    await second.compact();
    const third = await reopen(folder);
    expect(await third.getAll()).toEqual({ ...filled, n: 7 });
  });

  it('takes a snapshot of one moment while writes go on', async () => {
    const folder = folders.make();
    const store = open(folder);
    const text = 'x'.repeat(2000);
    for (let i = 0; i < 2000; i++) await store.set(`k${i}`, [text, 0]);
    await store.expire(['k3'], 1000);
    const compaction = store.compact();
    for (let i = 0; i < 2000; i += 3) {
      await store.increment([`k${i}`, 1]);
      await store.add(`k${i + 1}`, 'more');
      await store.remove(`k${i + 2}`);
      await store.set(`new${i}`, i);
      if (i % 30 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await compaction;
    const expected = await store.getAll();
    const back = await reopen(folder);
    expect(await back.getAll()).toEqual(expected);
    expect(await back.getExpiry('k3')).toBeDefined();
  });

  it('comes back with its expiries, and without what expired meanwhile', async () => {
    const folder = folders.make();
    let now = 1_700_000_000_000;
    const clock = { now: () => now };
    const first = open(folder, clock);
    await first.set('a', 1, { ttlMs: 1000 });
    await first.set(['b', 'c'], 1);
    await first.expire([['b', 'c'], 'absent'], 5);
    now += 999;
    await first.set('a', 2);
    now += 1;
    await first.set(['a', 'again'], 3);
    const second = await reopen(folder, clock);
    expect(await second.getAll()).toEqual({ a: { again: 3 }, b: { c: 1 } });
    expect(await second.getExpiry(['b', 'c'])).toBe(1_700_000_005);
    await second.compact();
    now += 4000;
    const third = await reopen(folder, clock);
    expect(await third.getAll()).toEqual({ a: { again: 3 }, b: {} });
  });

  it('comes back with its streams: epochs, offsets and publications', async () => {
    const folder = folders.make();
    const rules = { channels: { news: { history: { size: 2, ageMs: 60_000 } }, other: { last: true } } } as const;
    const first = open(folder, rules);
    for (const text of ['a', 'b', 'c']) await first.publish('news', text);
    await first.publish('other', 1);
    await first.removeStream('other');
    const before = await first.readStream('news');
    const second = await reopen(folder, rules);
    expect(await second.readStream('news')).toEqual(before);
    expect(await second.publish('news', 'd')).toEqual({ epoch: before.epoch, offset: 4 });
    await second.compact();
    const after = await second.publish('other', 2);
    expect(after?.offset).toBe(1);
    const third = await reopen(folder, rules);
    expect((await third.readStream('news')).publications.map(({ offset }) => offset)).toEqual([3, 4]);
    expect(await third.publish('other', 3)).toEqual({ epoch: after?.epoch, offset: 2 });
  });

  it('forgets the streams of channels whose rule keeps nothing any more, so that nothing is missed unnoticed', async () => {
    const folder = folders.make();
    const history = { size: 10, ageMs: 60_000 };
    const first = open(folder, { channels: { news: { history }, other: { history } } });
    const position = (await first.publish('news', 1))!;
    for (const text of ['a', 'b', 'c']) await first.publish('other', text);
    const second = await reopen(folder, { channels: { other: { last: true } } });
    expect((await second.readStream('other')).publications.map(({ offset }) => offset)).toEqual([3]);
    await second.publish('news', 'not kept');
    const third = await reopen(folder, { channels: { news: { history } } });
    expect(await third.readStream('news', { since: position })).toMatchObject({ recovered: false, reason: 'epoch' });
  });

  it('drops a torn tail, says how much, and goes on', async () => {
    const folder = folders.make();
    const first = open(folder);
    await first.set('a', 1);
    await first.set('b', 'x'.repeat(100));
    await first.close();
    const log = lastLog(folder);
    const { size } = statSync(log);
    // The mark of an orderly end, and a part of the record before it.
    truncateSync(log, size - 17 - 7);
    const second = await reopen(folder);
    expect(second.recovery).toMatchObject({ droppedBytes: expect.any(Number) });
    expect(second.recovery?.droppedBytes).toBeGreaterThan(100);
    expect(await second.getAll()).toEqual({ a: 1 });
    await second.set('c', 3);
    const third = await reopen(folder);
    expect(await third.getAll()).toEqual({ a: 1, c: 3 });
    expect(third.recovery).toMatchObject({ droppedBytes: 0 });
  });

  it('finds every record when the log is cut anywhere, and never half of one', async () => {
    const folder = folders.make();
    const first = open(folder);
    for (let i = 0; i < 5; i++) await first.increment('n');
    await first.transaction(new CommandList().increment('n').increment('m'));
    await first.close();
    const whole = readFileSync(lastLog(folder));
    let last = 0;
    for (let length = 8; length <= whole.length; length++) {
      const copy = folders.make();
      writeFileSync(join(copy, 'log-1.nd'), whole.subarray(0, length));
      const { n = 0, m } = (await (await reopen(copy)).getAll()) as { n?: number; m?: number };
      expect(n).toBeGreaterThanOrEqual(last);
      expect(m).toBe(n === 6 ? 1 : undefined);
      last = n;
    }
    expect(last).toBe(6);
  });

  it('refuses damage that is not at the end', async () => {
    const folder = folders.make();
    const first = open(folder);
    await first.set('a', 1);
    await first.compact();
    await first.close();
    const snapshot = join(folder, 'snapshot-2.nd');
    const bytes = readFileSync(snapshot);
    bytes[20] = bytes[20]! ^ 1;
    writeFileSync(snapshot, bytes);
    expect(() => open(folder)).toThrow('is damaged');
    writeFileSync(snapshot, Buffer.from('NDLG\u0001\u0000\u0000\u0000'));
    expect(() => open(folder)).toThrow('has format version 1; this store reads version 2');
  });

  it('ignores bytes of garbage behind the log', async () => {
    const folder = folders.make();
    await open(folder).set('a', 1);
    for (const store of stores.splice(0)) await store.close();
    appendFileSync(lastLog(folder), Buffer.alloc(50, 0xff));
    const second = open(folder);
    expect(second.recovery?.droppedBytes).toBe(50);
    expect(await second.getAll()).toEqual({ a: 1 });
  });

  it('keeps its folder to itself', () => {
    const folder = folders.make();
    open(folder);
    expect(() => open(folder)).toThrow('process');
  });

  it('refuses a folder it cannot use', () => {
    const file = join(folders.make(), 'file');
    writeFileSync(file, '');
    expect(() => new NdataStore({ persist: { folder: file } })).toThrow('cannot use');
    expect(() => new NdataStore({ persist: { folder: '' } })).toThrow('`persist.folder` must be a path');
    expect(() => new NdataStore({ persist: { folder: '/x', fsync: 'often' as FsyncOption } })).toThrow('persist.fsync');
  });
});
