import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect } from 'sc-client';
import { SocketCluster } from 'sc-server';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { runCli } from '../src/run-cli.js';
import { recordingTerminal } from './recording-terminal.js';

jest.setTimeout(120_000);
const cleanup = createCleanup();
let cluster: SocketCluster;
let control: string;
let client: ReturnType<typeof connect>;

beforeAll(async () => {
  const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
  control = join(folder, 'control.sock');
  writeFileSync(join(folder, 'worker.mjs'), 'export function run() {}');
  const logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  cluster = new SocketCluster({
    workerController: join(folder, 'worker.mjs'),
    controlPath: control,
    channels: { 'kept/*': { history: { size: 10, ageMs: 600_000 } } },
    authKey: 'a key of thirty-two bytes or more',
    port: 0,
    workers: 1,
    stores: 2,
    maxEventLoopLag: 0,
    logger,
  });
  cleanup.add(cluster, (one) => one.close());
  await cluster.whenReady();
  client = connect({ port: cluster.status().port ?? 0 });
  cleanup.add(client, (one) => {
    one.disconnect();
  });
});
afterAll(() => cleanup.run());

function cli(...args: string[]) {
  const terminal = recordingTerminal();
  const ended = runCli([...args, '--control', control], terminal);
  return { terminal, ended };
}

async function json(...args: string[]): Promise<unknown> {
  const { terminal, ended } = cli(...args, '--json');
  expect({ code: await ended, stderr: terminal.stderr() }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(terminal.stdout());
}

describe('the channels of a running cluster', () => {
  it('are listed by rate, with subscribers of clients and the head of the history', async () => {
    const busy = client.subscribe('kept/busy');
    const quiet = client.subscribe('quiet');
    await waitFor(() => busy.state === 'subscribed' && quiet.state === 'subscribed', {
      deadlineMs: 60_000,
      what: 'the subscriptions',
    });
    await busy.publish(1);
    const listed = cli('channels', '--over', '2000');
    for (let i = 0, isDone = false; !isDone; i++) {
      await busy.publish(i);
      isDone = await Promise.race([
        listed.ended.then(() => true),
        new Promise<false>((next) => setImmediate(next, false)),
      ]);
    }
    const [head, first] = listed.terminal.stdout().split('\n');
    expect(head).toMatch(/^CHANNEL +PER SECOND +SUBSCRIBERS +PROCESSES +OFFSET +KEPT$/);
    expect(first).toMatch(/^kept\/busy +[\d.]+ +1 +1 +\d+ +10$/);
    const bySubscribers = {
      channels: expect.arrayContaining([expect.objectContaining({ channel: 'quiet', subscribers: 1 })]),
    };
    expect(await json('channels', '--sort', 'subscribers', '--over', '1')).toMatchObject(bySubscribers);
    const some = (await json('channels', 'kept/', '--over', '1')) as { channels: { channel: string }[] };
    expect(some.channels.map(({ channel }) => channel)).toEqual(['kept/busy']);
  });

  it('are tailed from the past on, without a secret, and end after a count', async () => {
    await client.publish('kept/tailed', { text: 'past', password: 'hunter2' });
    const { terminal, ended } = cli('tail', 'kept/tailed', '--history', '5', '--count', '2', '--json');
    await waitFor(() => terminal.stdout().includes('past'), { deadlineMs: 60_000, what: 'the past' });
    await client.publish('kept/tailed', { text: 'now', at: '\u009b2J' });
    expect(await ended).toBe(0);
    const lines = terminal.stdout().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { data: { text: 'past', password: '[redacted]' }, at: expect.any(Number), offset: 1, isPast: true },
      { data: { text: 'now', at: '\u009b2J' }, at: expect.any(Number), offset: 2, isPast: false },
    ]);
    const text = cli('tail', 'kept/tailed', '--history', '1', '--count', '1');
    expect(await text.ended).toBe(0);
    expect(text.terminal.stdout()).toMatch(/^\S+Z #2 \{"text":"now","at":"\\u009b2J"\}\n$/);
  });

  it('are refused with a name that is none', async () => {
    const { terminal, ended } = cli('tail', '');
    expect(await ended).toBe(2);
    expect(terminal.stderr()).toContain('A channel name must');
  });
});
