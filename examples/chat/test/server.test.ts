import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, isAlive, processGroup, processTree, tempDir } from 'sc-testkit';
import { pidOf, startChat } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const names = ['supervisor', 'worker 0', 'worker 1', 'store 0'];

describe('the chat example', () => {
  it('says what runs, with pids, and where to open it', async () => {
    const chat = await startChat(cleanup);
    const pids = names.map((name) => pidOf(chat, name));
    expect(pids[0]).toBe(chat.pid);
    expect([...pids].sort()).toEqual(
      processTree(chat.pid)
        .map(({ pid }) => pid)
        .sort(),
    );
    expect(chat.url).toMatch(/^http:\/\/localhost:\d+$/);
  });

  it.each([
    // Ctrl-C signals the supervisor and its children, `kill` only the supervisor.
    ['SIGINT', 'killGroup'],
    ['SIGTERM', 'kill'],
  ] as const)('ends with everything it started on %s by %s', async (signal, send) => {
    const directory = cleanup.add(tempDir(), (it) => it.remove());
    const chat = await startChat(cleanup, { TMPDIR: directory.path });
    const pids = names.map((name) => pidOf(chat, name));
    expect(filesIn(directory.path)).not.toEqual([]);
    chat[send](signal);
    await expect(chat.exited).resolves.toEqual({ code: 0, signal: null });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(processGroup(chat.pid)).toEqual([]);
    expect(filesIn(directory.path)).toEqual([]);
    expect(chat.logEntries().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('serves the page and its files with safe headers, and nothing else', async () => {
    const { url } = await startChat(cleanup);
    const types = { '/': 'text/html', '/style.css': 'text/css', '/chat.js': 'text/javascript' };
    for (const [path, type] of Object.entries({ ...types, '/socketcluster.min.js': 'text/javascript' })) {
      const response = await fetch(`${url}${path}`);
      expect(response.headers.get('content-type')).toContain(type);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect((await response.text()).length).toBeGreaterThan(100);
    }
    for (const path of ['/worker.js', '/../worker.js', '/%2e%2e/worker.js', '/constructor', '/__proto__']) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });
});

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name);
}
