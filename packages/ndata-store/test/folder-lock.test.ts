import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import { FolderLock } from '../src/persist/folder-lock.js';
import { useFolder } from './helpers/held-folder.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => unknown)[] = [];
const canUnshare = spawnSync('unshare', ['-r', '--pid', '--fork', '--mount-proc', 'true']).status === 0;

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

/** The lock of a process that has ended, as it left it. */
async function abandoned(): Promise<string> {
  const folder = folders.make();
  const user = await useFolder(folder);
  expect(user.outcome()).toMatch('holds');
  user.signal('SIGKILL');
  await waitFor('the end', () => !isThere(Number(/\d+/.exec(user.outcome()))));
  return folder;
}

function isThere(pid: number): boolean {
  try {
    // A zombie counts as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function changeLock(folder: string, change: (holder: Record<string, unknown>) => void): void {
  const holder = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as Record<string, unknown>;
  change(holder);
  writeFileSync(join(folder, 'lock'), JSON.stringify(holder));
}

function age(folder: string, ms: number): void {
  const at = new Date(Date.now() - ms);
  utimesSync(join(folder, 'lock'), at, at);
}

function open(folder: string): NdataStore {
  const store = new NdataStore({ persist: { folder } });
  closers.push(() => store.close());
  return store;
}

describe('the lock of a folder', () => {
  it('is taken over at once from a process that was killed', async () => {
    const folder = await abandoned();
    open(folder);
    expect(() => open(folder)).toThrow(/belongs to process \d+, which runs/);
  });

  it('is not held by another process that got the same id', async () => {
    const folder = await abandoned();
    const other = spawn('sleep', ['60']);
    closers.push(() => other.kill('SIGKILL'));
    changeLock(folder, (holder) => (holder['pid'] = other.pid));
    expect(() => open(folder)).not.toThrow();
  });

  it('is not taken for one when the file is something else', () => {
    const folder = folders.make();
    writeFileSync(join(folder, 'lock'), `${process.pid} 1700000000000`);
    expect(() => open(folder)).not.toThrow();
  });

  it('of a process that cannot be seen holds until its signs of life are ten seconds old', async () => {
    const folder = await abandoned();
    changeLock(folder, (holder) => (holder['pidSpace'] = 'another container'));
    expect(() => open(folder)).toThrow('in another container or on another host');
    age(folder, 9000);
    expect(() => open(folder)).toThrow('in another container or on another host');
    age(folder, 11_000);
    open(folder);
  });

  it('goes to exactly one of several processes that find it left over', async () => {
    const folder = await abandoned();
    const users = await Promise.all(Array.from({ length: 5 }, () => useFolder(folder)));
    closers.push(() => users.forEach((user) => user.end()));
    expect(users.filter((user) => user.outcome().startsWith('holds'))).toHaveLength(1);
  });

  it('is given back, and leaves nothing behind', () => {
    const folder = folders.make();
    const lock = new FolderLock(folder, { onLost: () => undefined });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    new FolderLock(folder, { onLost: () => undefined }).release();
  });

  (canUnshare ? it : it.skip)('keeps out a store in another container', async () => {
    const folder = folders.make();
    const first = await useFolder(folder, true);
    closers.push(() => first.end());
    const second = await useFolder(folder, true);
    closers.push(() => second.end());
    expect(first.outcome()).toMatch('holds');
    expect(second.outcome()).toMatch('in another container or on another host');
    expect(await first.write('key')).toBe('answered');
  });

  it('is looked at before a write by a holder that was stopped for long', () => {
    const folder = folders.make();
    let now = 0;
    const errors: Error[] = [];
    const lock = new FolderLock(folder, { onLost: (error) => errors.push(error), monotonic: () => now });
    changeLock(folder, (holder) => (holder['incarnation'] = 'abcdef'));
    lock.check();
    now += 4000;
    expect(() => lock.check()).toThrow('has lost its folder');
    expect(errors).toHaveLength(1);
    // The file is the successor's.
    lock.release();
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('that is lost ends the writes of the store that had it', async () => {
    const folder = folders.make();
    const user = await useFolder(folder);
    closers.push(() => user.end());
    expect(await user.write('before')).toBe('answered');
    user.signal('SIGSTOP');
    // As seen from another container, long after.
    changeLock(folder, (holder) => (holder['pidSpace'] = 'another container'));
    age(folder, 60_000);
    const successor = open(folder);
    user.signal('SIGCONT');
    let answer = '';
    while (!answer.includes('has lost its folder')) answer = await user.write('behind');
    await successor.set('mine', 1);
    await successor.compact();
    expect(await successor.getAll()).toEqual({ before: 1, mine: 1 });
    expect(await user.write('behind')).toMatch('has lost its folder');
  });
});
