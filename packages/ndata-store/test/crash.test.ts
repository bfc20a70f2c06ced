import { afterEach, describe, expect, it } from '@jest/globals';
import { crashRounds } from './helpers/crash-rounds.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
/** `pnpm test:full` has 50. */
const rounds = Number(process.env['NDATA_CRASH_ROUNDS'] ?? 4);

afterEach(() => folders.remove());

describe('a store that is killed under load, again and again', () => {
  it.each(['always', 'everySecond'])(
    'loses nothing it may not lose, has its subscribers back, and holds up no other (fsync: %s)',
    async (fsync) => {
      const report = await crashRounds(folders.make(), fsync, rounds);
      if (rounds > 4) process.stdout.write(`fsync ${fsync}: ${JSON.stringify(report)}\n`);
      expect(report.acknowledged).toBeGreaterThan(rounds * 100);
      // Documented: nothing, or what the system had not taken over in the last moments.
      expect(fsync === 'always' ? report.lost : 0).toBe(0);
      expect(report.oldestLostMs).toBeLessThan(1000);
      // Promises, not speed: subscribed again within a second, and nobody waits for a store that is away.
      expect(report.slowestReturnMs).toBeLessThan(1000);
      expect(report.slowestOtherMs).toBeLessThan(5000);
    },
    120_000 + rounds * 10_000,
  );
});
