import { readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient } from '../src/index.js';
import type { StreamPosition } from '../src/index.js';
import { crashRounds } from './helpers/crash-rounds.js';
import { runStore } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
/** `pnpm test:full` has 50, and measures time. */
const fullRounds = Number(process.env['NDATA_CRASH_ROUNDS'] ?? 0);
const isFull = fullRounds > 0;
const rounds = isFull ? fullRounds : 4;

afterEach(() => folders.remove());

describe('a store that is killed under load, again and again', () => {
  it.each(['synced', 'everySecond'])(
    'loses nothing it may not lose, has its subscribers back, and holds up no other (fsync: %s)',
    async (fsync) => {
      const report = await crashRounds(folders.make(), fsync, rounds);
      expect(report.acknowledged).toBeGreaterThan(rounds * 100);
      // The system has what was answered, whatever the policy about the disk is.
      expect(report.lost).toBe(0);
      expect(report.roundsWithGaps).toBe(0);
      expect(report.fewestOtherAnswers).toBeGreaterThan(0);
      if (!isFull) return;
      process.stdout.write(`fsync ${fsync}: ${JSON.stringify(report)}\n`);
      // Speed, which only a run on a machine of its own can tell.
      expect(report.oldestLostMs).toBeLessThan(1000);
      expect(report.slowestReturnMs).toBeLessThan(1000);
      expect(report.slowestOtherMs).toBeLessThan(1000);
    },
    300_000 + rounds * 10_000,
  );

  it(
    'loses no publication that was answered or delivered, and honours every position',
    async () => {
      const folder = folders.make();
      const rules = join(folder, 'rules.json');
      writeFileSync(rules, JSON.stringify({ news: { history: { size: 100_000, ageMs: 3_600_000 } } }));
      const socketPath = join(folder, 'private', 's.sock');
      const args = [
        '--socket',
        socketPath,
        '--persist',
        join(folder, 'data'),
        '--fsync',
        'written',
        '--channels',
        rules,
      ];
      const client = new NdataClient({ socketPath, reconnectDelayMs: 5, callTimeoutMs: 60_000 });
      client.on('error', () => undefined);
      let delivered = 0;
      client.onPayload = (_channel, _payload, offset) => (delivered = Math.max(delivered, offset));
      let store = await runStore(args);
      await client.subscribe('news');
      try {
        for (let round = 0; round < rounds; round++) {
          const positions: StreamPosition[] = [];
          let isKilled = false as boolean;
          const publishers = Array.from({ length: 10 }, async () => {
            while (!isKilled) {
              const position = await client.publish('news', 'x'.repeat(100));
              if (position !== undefined) positions.push(position);
            }
          }).map((publisher) => publisher.catch(() => undefined));
          await waitFor('publications', () => positions.length > 200 + round * 37, 60_000);
          isKilled = true;
          store.child.kill('SIGKILL');
          await store.exited;
          await Promise.all(publishers);
          store = await runStore(args);
          await waitFor('the subscription', () => client.isSubscribed('news'), 60_000);
          const { top } = await client.readStream('news', { limit: 1 });
          expect(Math.max(delivered, ...positions.map(({ offset }) => offset))).toBeLessThanOrEqual(top);
          for (const since of positions.slice(-30)) {
            const page = await client.readStream('news', { since, limit: 1 });
            expect(page).toMatchObject({ recovered: true });
          }
        }
      } finally {
        await client.close();
        store.child.kill('SIGKILL');
        await store.exited;
      }
    },
    300_000 + rounds * 10_000,
  );

  it(
    'tells exactly the readers of what it lost, when the power goes before the last second is on the disk',
    async () => {
      const folder = folders.make();
      const flushes = join(folder, 'flushes');
      const data = join(folder, 'data');
      const rules = join(folder, 'rules.json');
      writeFileSync(rules, JSON.stringify({ news: { history: { size: 100_000, ageMs: 3_600_000 } } }));
      const socketPath = join(folder, 'private', 's.sock');
      const args = ['--socket', socketPath, '--persist', data, '--fsync', 'everySecond', '--channels', rules];
      const preload = new URL('helpers/record-flushes.mjs', import.meta.url).href;
      const environment = { NODE_OPTIONS: `--import=${preload}`, NDATA_FLUSHES: flushes };
      const client = new NdataClient({ socketPath, reconnectDelayMs: 5, callTimeoutMs: 60_000 });
      client.on('error', () => undefined);
      let store = await runStore(args, { environment });
      let lostReaders = 0;
      const told: StreamPosition[] = [];
      const kept: StreamPosition[] = [];
      const publish = async (count: number): Promise<StreamPosition[]> =>
        (await Promise.all(Array.from({ length: count }, () => client.publish('news', 'x')))) as StreamPosition[];
      try {
        for (let round = 0; round < rounds; round++) {
          const log = newestLog(data);
          kept.push(...(await publish(20)));
          const size = statSync(log).size;
          await waitFor('a flush', () => flushedBytes(flushes, log) >= size, 60_000);
          const after = await publish(5 + round);
          store.child.kill('SIGKILL');
          await store.exited;
          // The power is gone: what no flush covers is lost.
          truncateSync(log, flushedBytes(flushes, log));
          store = await runStore(args, { environment });
          const { top } = await client.readStream('news', { limit: 1 });
          told.push(...after.filter(({ offset }) => offset > top));
          kept.push(...after.filter(({ offset }) => offset <= top));
          lostReaders += after.filter(({ offset }) => offset > top).length;
          // As many again as were lost, and more: offsets are given a second time.
          if (round % 2 === 0) kept.push(...(await publish(30 + round)));
          for (const since of told.slice(-60)) {
            expect(await client.readStream('news', { since, limit: 1 })).toMatchObject({
              recovered: false,
              reason: 'forked',
            });
          }
          for (const since of kept.slice(-60)) {
            expect(await client.readStream('news', { since, limit: 1 })).toMatchObject({ recovered: true });
          }
        }
        expect(lostReaders).toBeGreaterThan(0);
        if (isFull) process.stdout.write(`power cuts: ${rounds}, readers of a lost tail: ${lostReaders}\n`);
      } finally {
        await client.close();
        store.child.kill('SIGKILL');
        await store.exited;
      }
    },
    300_000 + rounds * 10_000,
  );
});

function newestLog(folder: string): string {
  const numbers = readdirSync(folder).flatMap((name) => /^log-(\d+)\.nd$/.exec(name)?.[1] ?? []);
  return join(folder, `log-${Math.max(...numbers.map(Number))}.nd`);
}

/** The bytes of a file that were flushed to the disk, by the record of `record-flushes.mjs`. */
function flushedBytes(record: string, path: string): number {
  const flushes = readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as [path: string, bytes: number]);
  return Math.max(0, ...flushes.filter(([flushed]) => flushed === path).map(([, bytes]) => bytes));
}
