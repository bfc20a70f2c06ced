import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { onDeadline } from '../src/deadline.js';
import { NdataClient } from '../src/index.js';
import { runStore } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

/** Keeps the loop from turning. */
function blockUntil(condition: () => boolean): void {
  const giveUpAt = performance.now() + 30_000;
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('The loop was blocked for nothing');
    Atomics.wait(never, 0, 0, 5);
  }
}

describe('a client whose process was busy beyond the deadline of a call', () => {
  it('takes the answer that has arrived meanwhile', async () => {
    const folder = folders.make();
    const socketPath = join(folder, 'store.sock');
    const marker = join(folder, 'answered');
    const controller = join(folder, 'controller.cjs');
    // The timer comes after the turn in which the answer leaves.
    writeFileSync(
      controller,
      `exports.run = (store) => store.on('message', (data, respond) => {
        respond(null, data);
        setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''), 1);
      });`,
    );
    const { child, exited } = await runStore(['--socket', socketPath, '--controller', controller]);
    closers.push(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const callTimeoutMs = 50;
    const client = new NdataClient({ socketPath, callTimeoutMs });
    closers.push(() => client.close());
    const lost: Error[] = [];
    client.on('shardLost', (_name, error) => lost.push(error));
    await waitFor('the link', () => client.status()[0]!.state === 'ready');
    const answer = client.send('hello');
    const deadlineAt = performance.now() + callTimeoutMs;
    // In this turn the question leaves.
    await new Promise((resolve) => setImmediate(resolve));
    blockUntil(() => performance.now() > deadlineAt && existsSync(marker));
    expect(await answer).toBe('hello');
    expect(lost).toEqual([]);
  });
});

describe('a deadline', () => {
  it('gives the time once more by which it was late', async () => {
    const dueAt = performance.now() + 10;
    const reached = new Promise<number>((resolve) => {
      onDeadline(dueAt, 1000, () => resolve(performance.now()));
    });
    blockUntil(() => performance.now() > dueAt + 100);
    const unblockedAt = performance.now();
    // A timer may be early by a part of a millisecond.
    expect((await reached) - unblockedAt).toBeGreaterThan(98);
  });

  it('can be called off, also while time is given once more', async () => {
    let count = 0;
    const dueAt = performance.now() + 1;
    const callOff = [onDeadline(dueAt, 20, () => count++), onDeadline(dueAt, 20, () => count++)];
    callOff[0]!();
    blockUntil(() => performance.now() > dueAt + 20);
    await new Promise((resolve) => setTimeout(resolve, 1));
    callOff[1]!();
    await new Promise<void>((resolve) => {
      onDeadline(performance.now() + 30, 30, resolve);
    });
    expect(count).toBe(0);
  });
});
