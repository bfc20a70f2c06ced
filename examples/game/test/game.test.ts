import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type SCClientSocket } from 'sc-client';
import { createCleanup, startProcess, waitFor } from 'sc-testkit';

type World = { tick: number; players: [id: string, x: number, y: number][] };

const cleanup = createCleanup();
let port: number;

beforeAll(async () => {
  const server = await startProcess(fileURLToPath(new URL('../server.js', import.meta.url)), {
    env: { PORT: '0' },
    readyLine: /^Open http/m,
  });
  cleanup.add(server, (started) => started.stop());
  port = Number(/localhost:(\d+)/.exec(server.output())?.[1]);
});
afterAll(() => cleanup.run());

function join(): { socket: SCClientSocket; worlds: World[] } {
  const socket = cleanup.add(connect({ port }), (opened) => opened.disconnect());
  const worlds: World[] = [];
  socket.subscribe('world').watch((world) => worlds.push(world as World));
  return { socket, worlds };
}
const last = (worlds: World[]) => worlds.at(-1) ?? { tick: 0, players: [] };

describe('a shared world', () => {
  it('is one for players on all workers, moves as they steer, and forgets who leaves', async () => {
    const players = Array.from({ length: 4 }, join);
    const [first, second] = players as [(typeof players)[0], (typeof players)[0]];
    await waitFor(() => players.every(({ worlds }) => last(worlds).players.length === 4), { what: 'all players' });

    const placeOf = (id: string | null) => last(second.worlds).players.find(([player]) => player === id);
    expect(placeOf(first.socket.id)).toEqual([first.socket.id, 200, 200]);
    first.socket.emit('steer', 'right');
    await waitFor(() => placeOf(first.socket.id)?.[1] === 400, { what: 'the right edge' });
    first.socket.emit('steer', 'sideways');
    expect(placeOf(first.socket.id)?.[2]).toBe(200);

    first.socket.disconnect();
    await waitFor(() => last(second.worlds).players.length === 3, { what: 'the player to be gone' });
  });

  it('comes in order and, to a client that keeps up, whole', async () => {
    const { worlds } = join();
    await waitFor(() => worlds.length >= 20, { what: 'twenty worlds' });
    const ticks = worlds.map(({ tick }) => tick);
    expect(ticks).toEqual(ticks.map((_, index) => (ticks[0] ?? 0) + index));
  });

  it('serves its page, and lets nobody publish', async () => {
    const { socket } = join();
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toContain('<canvas');
    for (const file of ['game.js', 'socketcluster.min.js']) {
      expect((await fetch(`http://localhost:${port}/${file}`)).status).toBe(200);
    }
    await expect(socket.publish('world', {})).rejects.toThrow('Please steer');
  });
});
