import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir } from 'sc-testkit';
import { runCli } from '../src/run-cli.js';
import { recordingTerminal } from './recording-terminal.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** A control socket that answers every command with a result, and keeps what it was asked. */
async function controlSocket(results: Readonly<Record<string, unknown>>) {
  const path = join(cleanup.add(tempDir(), (made) => made.remove()).path, 'control.sock');
  const asked: Record<string, unknown>[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('utf8').once('data', (line: string) => {
      const request = JSON.parse(line) as Record<string, unknown>;
      asked.push(request);
      socket.end(`${JSON.stringify({ result: results[String(request['command'])] })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanup.add(server, (one) => new Promise((resolve) => one.close(resolve)));
  const run = async (...args: string[]) => {
    const terminal = recordingTerminal();
    const code = await runCli([...args, '--control', path], terminal);
    return { code, stdout: terminal.stdout(), stderr: terminal.stderr(), last: asked.at(-1) };
  };
  return { run };
}

const status = { appName: 'app', supervisor: { pid: 1 } };
const client = {
  id: 'abc',
  user: 'alice',
  address: '203.0.113.9',
  state: 'open',
  worker: 1,
  ageMs: 61_000,
  queueBytes: 5,
  receivedBytes: 6,
  sentBytes: 7,
  subscriptions: 2,
};

describe('the commands about clients', () => {
  it('list them as a table, with the next page and missing workers', async () => {
    const { run } = await controlSocket({
      status,
      clients: { clients: [client], total: 9, next: 'abc', missing: [0] },
    });
    const { code, stdout, last } = await run('clients', '--limit', '1', '--user', 'alice');
    expect(code).toBe(0);
    expect(last).toEqual({ command: 'clients', user: 'alice', sort: 'id', limit: 1 });
    expect(stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'ID USER ADDRESS WORKER AGE QUEUE RECEIVED SENT CHANNELS',
      'abc alice 203.0.113.9 1 1m1s 5 6 7 2',
      '1 of 9 clients; more: --after abc',
      'Without worker 0, which did not answer',
      '',
    ]);
  });

  it('let no user or channel command the terminal', async () => {
    const hostile = { ...client, user: '\u001b[2Jroot\nabc', channels: ['\u001b]0;x\u0007'] };
    const { run } = await controlSocket({ status, clients: { clients: [hostile], total: 1, missing: [] } });
    const { stdout } = await run('clients', 'abc');
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
    expect(stdout).toContain('\\u001b[2Jroot\\nabc');
    expect((await run('clients', '--json')).stdout).not.toMatch(/[\u001b\u0007]/);
  });

  it('end with 1 when there is no such client', async () => {
    const { run } = await controlSocket({ status, clients: { clients: [], total: 0, missing: [] } });
    expect(await run('clients', 'gone')).toMatchObject({ code: 1, stderr: 'error: No client has the id gone\n' });
  });

  it('disconnect, kick and revoke, and say who asked', async () => {
    const done = { sockets: 2, missing: [] };
    const { run } = await controlSocket({ status, disconnect: done, kick: { sockets: 1, missing: [1] }, revoke: done });
    const disconnected = await run('disconnect', '--user', 'mallory', '--code', '4000', '--reason', 'spam');
    expect(disconnected).toMatchObject({ code: 0, stdout: '2 clients disconnected.\n' });
    expect(disconnected.last).toEqual({
      command: 'disconnect',
      user: 'mallory',
      code: 4000,
      reason: 'spam',
      by: expect.stringMatching(/./),
    });
    const kicked = await run('kick', 'room', '--id', 'abc');
    expect(kicked.stdout).toBe('1 client kicked out. Worker 1 did not answer yet.\n');
    expect(kicked.last).toMatchObject({ command: 'kick', channel: 'room', id: 'abc' });
    const revoked = await run('revoke', '--user', 'mallory');
    expect(revoked.stdout).toBe('2 clients logged out.\n');
    expect(revoked.last).toMatchObject({ command: 'revoke', user: 'mallory' });
    expect(JSON.parse((await run('disconnect', '--id', 'abc', '--json')).stdout)).toEqual(done);
  });

  it('refuse what names no target', async () => {
    const { run } = await controlSocket({ status });
    const wrong = [['disconnect'], ['disconnect', '--id', 'a', '--user', 'b'], ['kick', 'room'], ['kick', '--id', 'a']];
    for (const args of wrong) expect(await run(...args)).toMatchObject({ code: 2 });
  });
});
