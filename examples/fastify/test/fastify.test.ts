import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, startProcess, waitFor } from 'sc-testkit';

const cleanup = createCleanup();
let url: string;

beforeAll(async () => {
  const server = await startProcess(fileURLToPath(new URL('../server.js', import.meta.url)), {
    env: { PORT: '0' },
    readyLine: /^Open http/m,
  });
  cleanup.add(server, (started) => started.stop());
  url = /http:\S+/.exec(server.output())?.[0] ?? '';
});
afterAll(() => cleanup.run());

const post = (body: object) =>
  fetch(`${url}/news`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });

describe('Fastify in the workers', () => {
  it('answers on both workers', async () => {
    const seen = new Set<number>();
    await waitFor(
      async () => {
        const response = await fetch(url, { headers: { connection: 'close' } });
        seen.add(((await response.json()) as { worker: number }).worker);
        return seen.size === 2;
      },
      { what: 'an answer of each worker' },
    );
    expect([...seen].sort()).toEqual([0, 1]);
  });

  it('brings what comes by HTTP to the sockets', async () => {
    const socket = cleanup.add(connect({ port: Number(new URL(url).port) }), (opened) => opened.disconnect());
    const heard: unknown[] = [];
    const channel = socket.subscribe('news');
    channel.watch((data) => heard.push(data));
    await waitFor(() => channel.state === 'subscribed', { what: 'the subscription' });
    expect((await post({ title: 'It works' })).status).toBe(204);
    await waitFor(() => heard.length === 1, { what: 'the news' });
    expect(heard).toEqual([{ title: 'It works' }]);
  });

  it('checks bodies by schema, and knows what it does not serve', async () => {
    expect((await post({ title: 'x'.repeat(101) })).status).toBe(400);
    expect((await post({})).status).toBe(400);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });
});
