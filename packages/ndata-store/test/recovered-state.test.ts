import { cpSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import { recover } from '../src/persist/recovery.js';
import { emptyData, stateOf } from './helpers/kept-state.js';
import { defineSeveral, randomCommand, randomFrom } from './helpers/random-commands.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const isFull = process.env['NDATA_CRASH_ROUNDS'] !== undefined;
/** Given when a failure is to be repeated. */
const seed = Number(process.env['NDATA_SEED'] ?? Date.now() % 1_000_000);

afterEach(() => folders.remove());

function openStore(folder: string, now: () => number): NdataStore {
  const store = new NdataStore({
    now,
    sweepIntervalMs: 1_000_000,
    channels: {
      'channel 0': { history: { size: 3, ageMs: 50_000 } },
      'channel *': { history: { size: 10, ageMs: 60_000 } },
    },
    persist: { folder, fsync: 'written' },
  });
  // A procedure that fails is among the commands.
  store.on('error', () => undefined);
  defineSeveral(store);
  return store;
}

function newestLog(folder: string): string {
  const numbers = readdirSync(folder).flatMap((name) => /^log-(\d+)\.nd$/.exec(name)?.[1] ?? []);
  return join(folder, `log-${Math.max(...numbers.map(Number))}.nd`);
}

/** The state that a start would recover from the folder now. */
function recoveredState(folder: string): string {
  const data = emptyData();
  recover(data, folder);
  return stateOf(data);
}

describe('what a store keeps', () => {
  it(`is what it was, after each of 10,000 random commands, snapshots, crashes and restarts (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    let now = 1_700_000_000_000;
    let folder = folders.make();
    let store = openStore(folder, () => now);
    for (let round = 0; round < 10_000; round++) {
      now += random(400);
      await randomCommand(store, random);
      const turn = random(100);
      if (turn < 2) await store.compact();
      if (turn < 6) {
        // Two turns of four end by a crash: a copy of the files, in which nobody has closed the store.
        const before = JSON.stringify([await store.getAll(), await expiriesOf(store)]);
        const copy = folders.make();
        if (turn < 4) {
          cpSync(folder, copy, { recursive: true });
          rmSync(join(copy, 'lock'));
        }
        await store.close();
        if (turn < 4) rmSync(folder, { recursive: true });
        folder = turn < 4 ? copy : folder;
        store = openStore(folder, () => now);
        expect(JSON.stringify([await store.getAll(), await expiriesOf(store)])).toBe(before);
      }
    }
    await store.close();
  }, 600_000);
});

async function expiriesOf(store: NdataStore): Promise<unknown> {
  const chains = ['a', 'list', '7', '__proto__', 'é'].flatMap((root) => [
    [root],
    [root, 'x'],
    [root, '0'],
    [root, '1'],
  ]);
  return Promise.all(chains.map((keys) => store.getExpiry(keys)));
}

describe('a log that is cut off', () => {
  it(`leaves a state that was answered, wherever it is cut (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const folder = folders.make();
    // A clock that stands still: keys that expire are records of their own, between those of commands.
    const store = openStore(folder, () => 1_700_000_000_000);
    const states = new Map<number, string>();
    const commands = isFull ? 900 : 150;
    for (let i = 0; i < commands; i++) {
      if (i === Math.floor(commands / 3)) {
        await store.compact();
        states.clear();
      }
      await randomCommand(store, random);
      states.set(statSync(newestLog(folder)).size, recoveredState(folder));
    }
    const copy = folders.make();
    cpSync(folder, copy, { recursive: true });
    await store.close();
    const log = newestLog(copy);
    const whole = readFileSync(log);
    const from = Math.max(8, whole.length - (isFull ? 64 : 8) * 1024);
    let last = [...states.keys()].filter((size) => size <= whole.length).sort((a, b) => b - a);
    for (let length = whole.length; length >= from; length--) {
      truncateSync(log, length);
      last = last.filter((size) => size <= length);
      const expected = last[0] === undefined ? undefined : states.get(last[0]);
      const found = recoveredState(copy);
      if (expected !== undefined) expect(found).toBe(expected);
    }
    writeFileSync(log, whole);
    expect(recoveredState(copy)).toBe(states.get(whole.length));
  }, 600_000);
});
