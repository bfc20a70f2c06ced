import { cpSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import { runBinary } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const stores: NdataStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  folders.remove();
});

function open(folder: string): NdataStore {
  const store = new NdataStore({
    channels: { '*': { history: { size: 10, ageMs: 60_000 } } },
    persist: { folder, fsync: 'written' },
  });
  stores.push(store);
  return store;
}

/** Three starts, the second with a snapshot. */
async function filled(): Promise<string> {
  const folder = folders.make();
  for (let start = 0; start < 3; start++) {
    const store = open(folder);
    for (let i = 0; i < 10; i++) await store.set(`key ${start} ${i}`, `value ${start} ${i}`);
    await store.publish('news', start);
    if (start === 1) await store.compact();
    await store.close();
  }
  return folder;
}

function flip(path: string, text: string): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}

async function run(...args: string[]): Promise<{ code: number | string; out: string; err: string }> {
  const running = runBinary(args);
  const code = await running.exited;
  return { code, out: running.stdout(), err: running.stderr() };
}

describe('a folder with a damaged record', () => {
  it('stops the start, says where and what to do, and stays as it is', async () => {
    const folder = await filled();
    const log = join(folder, 'log-4.nd');
    flip(log, 'value 2 5');
    const before = readFileSync(log);
    expect(() => open(folder)).toThrow(/log-4\.nd is damaged at byte \d+ \(record \d+, \d+ bytes\)/);
    expect(() => open(folder)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('ndata-store repair') }),
    );
    expect(readFileSync(log)).toEqual(before);
  });

  it('is repaired to all that can be read, or to what it was before the damage', async () => {
    const folder = await filled();
    flip(join(folder, 'log-4.nd'), 'value 2 5');
    const other = folders.make();
    cpSync(folder, other, { recursive: true });
    expect(await run('check', folder)).toMatchObject({ code: 1, out: expect.stringContaining('log-4.nd is damaged') });
    const { code, out } = await run('repair', folder);
    expect(code).toBe(0);
    expect(out).toContain('Kept: 29 root keys');
    expect(out).toMatch(/Dropped: .*log-4\.nd is damaged at byte \d+/);
    const originals = readdirSync(folder).find((name) => name.startsWith('damaged-'))!;
    expect(readdirSync(join(folder, originals))).toContain('log-4.nd');
    expect(await run('check', folder)).toMatchObject({ code: 0 });
    const store = open(folder);
    expect(await store.count([])).toBe(29);
    expect(await store.get('key 2 9')).toBe('value 2 9');
    expect(store.recovery).toMatchObject({ wasClosed: false });
    await run('repair', other, '--until-damage');
    expect(await open(other).count([])).toBe(25);
  });

  it('tells a stream that lost publications in the middle from one that is whole', async () => {
    const folder = folders.make();
    const first = open(folder);
    const positions = [];
    for (let i = 1; i <= 5; i++) positions.push(await first.publish('news', `text ${i}`));
    await first.close();
    flip(join(folder, 'log-1.nd'), 'text 3');
    expect(await run('repair', folder)).toMatchObject({ code: 0 });
    const second = open(folder);
    expect(await second.readStream('news', { since: positions[0]! })).toMatchObject({ recovered: false });
    expect(await second.readStream('news', { since: positions[2]! })).toMatchObject({ recovered: true, top: 5 });
  });
});

describe('a power cut that took the log behind a snapshot', () => {
  it.each([0, 7])('loses nothing else, then and at later starts, with %d bytes of it left', async (bytes) => {
    const folder = await filled();
    const store = open(folder);
    await store.compact();
    await store.close();
    const newest = Math.max(...readdirSync(folder).map((name) => Number(/^log-(\d+)/.exec(name)?.[1] ?? 0)));
    expect(readdirSync(folder)).toContain(`snapshot-${newest}.nd`);
    truncateSync(join(folder, `log-${newest}.nd`), bytes);
    for (let start = 1; start <= 3; start++) {
      const next = open(folder);
      expect(next.recovery).toMatchObject({ wasClosed: start > 1 });
      expect(await next.count([])).toBe(29 + start);
      await next.set(`after ${start}`, start);
      await next.close();
      expect(await run('check', folder)).toMatchObject({ code: 0 });
    }
  });
});

describe('a folder with a missing or shortened file', () => {
  it.each(['log-3.nd', 'log-4.nd', 'snapshot-3.nd'])('does not start without %s', async (name) => {
    const folder = await filled();
    expect(readdirSync(folder)).toContain(name);
    rmSync(join(folder, name));
    expect(() => open(folder)).toThrow(/is missing/);
    expect(await run('check', folder)).toMatchObject({ code: 1, out: expect.stringContaining('is missing') });
  });

  it('does not start with an older log that ends before its end', async () => {
    const folder = await filled();
    const log = join(folder, 'log-3.nd');
    const bytes = readFileSync(log);
    // The mark of an orderly end is 17 bytes: the rest ends with a whole record.
    writeFileSync(log, bytes.subarray(0, bytes.length - 17));
    expect(() => open(folder)).toThrow(/log-3\.nd has \d+ bytes, and had \d+ when it was completed/);
  });

  it('does not give positions of a lost start again', async () => {
    const folder = folders.make();
    const first = open(folder);
    await first.publish('news', 1);
    await first.close();
    const second = open(folder);
    const lost = (await second.publish('news', 2))!;
    await second.close();
    // All of the second start is gone, but for the name.
    writeFileSync(join(folder, 'log-2.nd'), '');
    const third = open(folder);
    await third.publish('news', 'another');
    expect(await third.readStream('news', { since: lost })).toMatchObject({ recovered: false, reason: 'forked' });
  });
});

describe('ndata-store backup and inspect', () => {
  it('copy a folder whose store runs, so that the copy never gives positions of the original', async () => {
    const folder = folders.make();
    const store = open(folder);
    const writes = (async () => {
      for (let i = 0; i < 300; i++) {
        await store.set('n', i);
        await store.publish('news', i);
        if (i % 50 === 0) await store.compact();
      }
    })();
    const to = join(folders.make(), 'copy');
    const { code, out } = await run('backup', folder, to);
    await writes;
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('Copied to') });
    expect(await run('backup', folder, to)).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') });
    const copy = open(to);
    const { top, epoch } = await copy.readStream('news');
    // One command is one record: the two are of the same moment, or one publish apart.
    const n = (await copy.get('n')) as number;
    expect([n, n + 1]).toContain(top);
    const next = (await copy.publish('news', 'in the copy'))!;
    expect(next.epoch).not.toBe(epoch);
    const original = (await store.publish('news', 'in the original'))!;
    expect(next.epoch).not.toBe(original.epoch);
  });

  it('say what a folder holds', async () => {
    const folder = await filled();
    const { code, out } = await run('inspect', folder, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      keys: 30,
      life: 3,
      isClosed: true,
      usedBy: null,
      problems: [],
      streams: [{ channel: 'news', top: 3, publications: 3 }],
    });
    expect((await run('inspect', folder)).out).toContain('30 root keys, 0 expiries, 1 streams with 3 publications');
  });

  it('refuse wrong usage and folders that are none', async () => {
    expect(await run('check')).toMatchObject({ code: 2, err: expect.stringContaining('needs FOLDER') });
    expect(await run('backup', 'one')).toMatchObject({ code: 2, err: expect.stringContaining('needs FOLDER and TO') });
    expect(await run('check', 'x', '--until-damage')).toMatchObject({ code: 2 });
    expect(await run('check', join(folders.make(), 'none'))).toMatchObject({ code: 1 });
    expect(await run('inspect', folders.make())).toMatchObject({ code: 1, err: expect.stringContaining('no files') });
    const folder = folders.make();
    open(folder);
    expect(await run('repair', folder)).toMatchObject({ code: 1, err: expect.stringContaining('belongs to process') });
    expect((await run('check', '--help')).out).toContain('ndata-store backup FOLDER TO');
  });
});
