import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runProcess } from 'sc-testkit';

type Seen = Readonly<Record<string, unknown>>;

// The sizes are in run.mjs; `pnpm -C packages/sc-server test:full` runs the full ones.
describe('a server with its defaults', () => {
  const seen = new Map<string, Seen>();

  beforeAll(async () => {
    const program = fileURLToPath(new URL('./run.mjs', import.meta.url));
    const { code, stdout, stderr } = await runProcess(program, { args: ['--small'], deadlineMs: 120_000 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of stdout.trim().split('\n')) {
      const { name, seen: what } = JSON.parse(line) as { name: string; seen: Seen };
      seen.set(name, what);
    }
  }, 130_000);

  it('is rid of silent and dripping connections within 15 seconds, and serves new clients meanwhile', () => {
    const { open, served, lastMs } = seen.get('silentConnections') ?? {};
    expect(open).toBe(0);
    expect(served).toBeGreaterThan(0);
    expect(lastMs).toBeLessThan(15_000);
  });

  it('refuses 200 KB that would be 200 MB: it agrees to no compression, and closes with 1002', () => {
    const { compressedBytes, code } = seen.get('inflatingMessage') ?? {};
    expect(compressedBytes).toBeGreaterThan(190_000);
    expect(code).toBe(1002);
  });

  it('closes with 1008 when the fragments of a message do not end', () => {
    expect(seen.get('endlessFragments')).toEqual({ code: 1008 });
  });

  it('runs 256 calls of one client at a time, and refuses the others', () => {
    expect(seen.get('slowCalls')).toEqual({ running: 256, refused: 744 });
  });

  it('slows a client down that sends 10,000 messages a second, and answers others', () => {
    expect(seen.get('flood')).toMatchObject({ isOpen: true, slowedDown: true });
  });

  it('closes those who stop reading with 4011, grows by less than 150 MB, and gives the others everything', () => {
    const { closed, received, published, grownBytes } = seen.get('slowReaders') ?? {};
    expect(closed).toEqual({ 4011: 10 });
    expect(received).toEqual([published]);
    expect(grownBytes).toBeLessThan(150_000_000);
  });

  it('is alive after all of that, and holds nobody', () => {
    expect(seen.get('left')).toMatchObject({ isAlive: true });
  });
});
