import { cpSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import type { StreamPage, StreamPosition } from '../src/index.js';
import { Stream } from '../src/data/stream.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const stores: NdataStore[] = [];
const limits = { maxSize: 100, maxAgeMs: 3_600_000 };

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  folders.remove();
});

function open(folder: string): NdataStore {
  const store = new NdataStore({
    channels: { '*': { history: { size: limits.maxSize, ageMs: limits.maxAgeMs } } },
    persist: { folder, fsync: 'written' },
  });
  stores.push(store);
  return store;
}

/** The files as a killed process leaves them. */
function crashed(folder: string): string {
  const copy = folders.make();
  cpSync(folder, copy, { recursive: true });
  rmSync(join(copy, 'lock'));
  return copy;
}

function log(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.startsWith('log-'));
  return join(folder, names.sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b))).at(-1)!);
}

async function publish(store: NdataStore, from: number, to: number): Promise<StreamPosition> {
  let position: StreamPosition | undefined;
  for (let i = from; i <= to; i++) position = await store.publish('news', `text ${i}`);
  return position!;
}

function after(store: NdataStore, since: StreamPosition): Promise<StreamPage> {
  return store.readStream('news', { since });
}

describe('positions in a stream', () => {
  it('stay after an orderly restart, in the same epoch', async () => {
    const folder = folders.make();
    const first = open(folder);
    const position = await publish(first, 1, 3);
    await first.close();
    const second = open(folder);
    expect(second.recovery).toMatchObject({ wasClosed: true });
    expect(await after(second, position)).toMatchObject({ recovered: true, epoch: position.epoch, publications: [] });
    expect(await publish(second, 4, 4)).toEqual({ epoch: position.epoch, offset: 4 });
  });

  it('stay after a kill that lost nothing, and the next publications begin a life', async () => {
    const folder = folders.make();
    const position = await publish(open(folder), 1, 3);
    const second = open(crashed(folder));
    expect(second.recovery).toMatchObject({ wasClosed: false });
    const next = await publish(second, 4, 4);
    expect(next.epoch).not.toBe(position.epoch);
    expect(next.epoch.split('.')[0]).toBe(position.epoch.split('.')[0]);
    expect(await after(second, position)).toMatchObject({ recovered: true, top: 4 });
    expect(await after(second, { ...position, offset: 1 })).toMatchObject({ recovered: true });
  });

  it('of a lost tail are refused, and no others, before and after new publications', async () => {
    const folder = folders.make();
    const first = open(folder);
    const kept = await publish(first, 1, 8);
    const bytes = readFileSync(log(folder)).length;
    const lost = await publish(first, 9, 10);
    const disk = crashed(folder);
    truncateSync(log(disk), bytes);
    const second = open(disk);
    expect(await after(second, lost)).toMatchObject({ recovered: false, reason: 'forked' });
    await publish(second, 9, 11);
    expect(await after(second, lost)).toMatchObject({ recovered: false, reason: 'forked' });
    expect(await after(second, { ...lost, offset: 9 })).toMatchObject({ recovered: false, reason: 'forked' });
    const page = await after(second, kept);
    expect(page).toMatchObject({ recovered: true, top: 11 });
    expect(page.publications.map(({ offset }) => offset)).toEqual([9, 10, 11]);
    expect(await after(second, { epoch: page.epoch, offset: 12 })).toMatchObject({ recovered: false, reason: 'ahead' });
  });

  it('taken before the first publication stay, across restarts of both kinds', async () => {
    let folder = folders.make();
    const { epoch, top } = await open(folder).readStream('news');
    folder = crashed(folder);
    const second = open(folder);
    await second.close();
    const third = open(folder);
    await publish(third, 1, 2);
    expect(await after(third, { epoch, offset: top })).toMatchObject({ recovered: true, top: 2 });
  });

  it('stay through snapshots, with the lives of the stream', async () => {
    let folder = folders.make();
    const positions: StreamPosition[] = [];
    for (let life = 0; life < 5; life++) {
      const store = open(folder);
      positions.push(await publish(store, life * 2 + 1, life * 2 + 2));
      if (life % 2 === 0) await store.compact();
      folder = crashed(folder);
    }
    const last = open(folder);
    for (const position of positions) expect(await after(last, position)).toMatchObject({ recovered: true, top: 10 });
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(5);
  });

  it('of a stream that was removed or is another one are refused', async () => {
    const store = open(folders.make());
    const position = await publish(store, 1, 2);
    await store.removeStream('news');
    await publish(store, 1, 5);
    expect(await after(store, position)).toMatchObject({ recovered: false, reason: 'epoch' });
  });

  it('are judged by the lives that are listed, of which sixteen are', () => {
    const stream = new Stream('news', 'abc', limits);
    for (let life = 1; life <= 20; life++) {
      for (let i = 0; i < 2; i++) {
        stream.add({ offset: stream.top + 1, at: 0, payload: '' }, i === 0 ? life : undefined);
      }
    }
    const judge = (life: number, offset: number): string | undefined =>
      stream.gapAfter(`abc.${life.toString(36)}`, offset, 21);
    expect(stream.lives).toHaveLength(16);
    expect(judge(4, 8)).toBe('epoch');
    expect(judge(5, 10)).toBeUndefined();
    expect(judge(5, 11)).toBe('forked');
    expect(judge(20, 40)).toBeUndefined();
    // The present life is 21, which has given nothing yet.
    expect(judge(20, 41)).toBe('forked');
    expect(judge(21, 40)).toBeUndefined();
    expect(judge(21, 41)).toBe('ahead');
    expect(judge(22, 40)).toBe('epoch');
    expect(stream.gapAfter('other.5', 10, 21)).toBe('epoch');
    expect(stream.gapAfter('abc', 10, 21)).toBe('epoch');
    stream.trim(0, { maxSize: 3, maxAgeMs: Infinity });
    expect(judge(20, 37)).toBeUndefined();
    expect(judge(20, 36)).toBe('trimmed');
  });
});
