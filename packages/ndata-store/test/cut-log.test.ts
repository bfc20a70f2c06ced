import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataStore } from '../src/index.js';
import { readRecordFile } from '../src/persist/record-file.js';
import { headBytes } from '../src/persist/records.js';
import { recover } from '../src/persist/recovery.js';
import { emptyData, stateOf } from './helpers/kept-state.js';
import { defineSeveral, randomCommand, randomFrom } from './helpers/random-commands.js';
import { TempFolders } from './helpers/temp-folder.js';

const seed = Number(process.env['NDATA_SEED'] ?? Date.now() % 1_000_000);
/** `pnpm test:full` cuts at every byte; otherwise around the ends and heads of some records. */
const cutsEveryByte = process.env['NDATA_EVERY_CUT'] !== undefined;
const recordStep = cutsEveryByte ? 1 : 12;
const tailBytes = 64 * 1024;
/** The sector that a disk writes as a whole. */
const sectorBytes = 512;

const folders = new TempFolders();
afterEach(() => folders.remove());

interface Log {
  readonly folder: string;
  readonly path: string;
  /** Where each record begins, then the end of the last one. */
  readonly ends: readonly number[];
}

/** A log of more than the tail, with commands of all kinds. */
async function written(random: (below: number) => number): Promise<Log> {
  const folder = folders.make();
  let now = 1_700_000_000_000;
  const store = new NdataStore({
    now: () => (now += random(50)),
    sweepIntervalMs: 1_000_000_000,
    channels: { '*': { history: { size: 5, ageMs: 3_600_000 } } },
    persist: { folder, fsync: 'written' },
  });
  const path = join(folder, 'log-1.nd');
  let log: Buffer;
  try {
    defineSeveral(store);
    // Procedures that fail are part of the load.
    store.on('error', () => undefined);
    while (statSync(path).size < tailBytes + 4096) await randomCommand(store, random);
    // Without the mark of an orderly end.
    log = readFileSync(path);
  } finally {
    await store.close();
  }
  writeFileSync(path, log);
  const ends: number[] = [];
  const { validBytes, flaws } = readRecordFile(path, (_kind, _content, at) => void ends.push(at));
  expect(flaws).toEqual([]);
  expect(validBytes).toBe(log.length);
  return { folder, path, ends: [...ends, validBytes] };
}

/** The offsets to cut at, the last one first: a file is made shorter and shorter. */
function cutsOf({ ends }: Log, random: (below: number) => number): number[] {
  const size = ends.at(-1)!;
  const from = size - tailBytes;
  if (cutsEveryByte) return Array.from({ length: tailBytes + 1 }, (_, i) => size - i);
  const near = ends.flatMap((end, i) => {
    if (i % recordStep !== 0 && i < ends.length - 3) return [];
    const length = (ends[i + 1] ?? end) - end;
    return [end - 1, end, end + 1, end + headBytes - 1, end + headBytes, end + 1 + random(Math.max(1, length - 1))];
  });
  return [...new Set(near)].filter((cut) => cut >= from && cut <= size).sort((one, other) => other - one);
}

describe(`a log that is cut off (seed ${seed})`, () => {
  it(`${cutsEveryByte ? 'at every byte' : 'around records'} of its last 64 KB is read up to its last whole record, and the rest is a torn tail`, async () => {
    const random = randomFrom(seed);
    const log = await written(random);
    let record = log.ends.length - 1;
    for (const cut of cutsOf(log, random)) {
      while (log.ends[record]! > cut) record--;
      const end = log.ends[record]!;
      truncateSync(log.path, cut);
      let taken = 0;
      const reading = readRecordFile(log.path, () => {
        taken++;
      });
      const flaws = cut === end ? [] : [{ at: end, bytes: cut - end, record, isTornTail: true }];
      expect({ cut, taken, ...reading }).toEqual({
        cut,
        taken: record,
        bytes: cut,
        records: record,
        validBytes: end,
        flaws,
      });
    }
  }, 600_000);

  it('inside a record starts with the state of the records before, and reports the dropped bytes', async () => {
    const random = randomFrom(seed);
    const log = await written(random);
    const first = log.ends.findIndex((end) => end > log.ends.at(-1)! - tailBytes);
    for (let record = log.ends.length - 2; record >= first; record -= recordStep) {
      const end = log.ends[record]!;
      truncateSync(log.path, end + 1 + random(log.ends[record + 1]! - end - 1));
      const droppedBytes = statSync(log.path).size - end;
      const cut = emptyData();
      expect(recover(cut, log.folder)).toMatchObject({
        records: record,
        droppedBytes,
        logBytes: end,
        wasClosed: false,
      });
      truncateSync(log.path, end);
      const whole = emptyData();
      expect(recover(whole, log.folder)).toMatchObject({ records: record, droppedBytes: 0, logBytes: end });
      expect(stateOf(cut)).toBe(stateOf(whole));
    }
  }, 600_000);

  it('and filled with zeros from a sector on, as a power cut leaves it, starts with the whole records before', async () => {
    const random = randomFrom(seed);
    const log = await written(random);
    const bytes = readFileSync(log.path);
    const size = bytes.length;
    for (let cut = size - (size % sectorBytes); cut > size - 16 * sectorBytes; cut -= sectorBytes) {
      // The file has grown to the end of a later record, or beyond.
      for (const grown of [log.ends.find((end) => end > cut), size, size + 4096]) {
        if (grown === undefined || grown <= cut) continue;
        const left = Buffer.alloc(grown);
        bytes.copy(left, 0, 0, cut);
        writeFileSync(log.path, left);
        const record = log.ends.filter((end) => end <= cut).length - 1;
        const reading = readRecordFile(log.path, () => undefined);
        // A record that ends in zeros itself may be whole without its last sector.
        expect([record, record + 1]).toContain(reading.records);
        const end = log.ends[reading.records]!;
        const flaws = [{ at: end, bytes: grown - end, record: reading.records, isTornTail: true }];
        expect({ cut, grown, ...reading }).toEqual({
          cut,
          grown,
          bytes: grown,
          records: reading.records,
          validBytes: end,
          flaws: grown === end ? [] : flaws,
        });
      }
    }
  });
});
