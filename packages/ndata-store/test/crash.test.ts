import { afterEach, describe, expect, it } from '@jest/globals';
import { crashRounds } from './helpers/crash-rounds.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
/** `pnpm test:full` has 50, and measures time. */
const fullRounds = Number(process.env['NDATA_CRASH_ROUNDS'] ?? 0);
const isFull = fullRounds > 0;
const rounds = isFull ? fullRounds : 4;

afterEach(() => folders.remove());

describe('a store that is killed under load, again and again', () => {
  it.each(['always', 'everySecond'])(
    'loses nothing it may not lose, has its subscribers back, and holds up no other (fsync: %s)',
    async (fsync) => {
      const report = await crashRounds(folders.make(), fsync, rounds);
      expect(report.acknowledged).toBeGreaterThan(rounds * 100);
      // Documented: nothing, or the last of what was written, which the system had not taken over.
      if (fsync === 'always') expect(report.lost).toBe(0);
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
});
