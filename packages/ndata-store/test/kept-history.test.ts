import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataServer } from '../src/index.js';
import type { PersistOptions } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';

const folders = new TempFolders();
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  folders.remove();
});

async function start(persist: PersistOptions): Promise<{ server: NdataServer; client: NdataClient }> {
  const socketPath = folders.socketPath();
  const server = new NdataServer({ socketPath, persist, channels: { news: { history: { size: 3, ageMs: 600_000 } } } });
  await server.listen();
  const client = new NdataClient({ socketPath });
  open.push(server, client);
  return { server, client };
}

async function stop(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

describe("a folder with `content: 'history'`", () => {
  it.each([false, true])('keeps history and no keys (with a snapshot: %s)', async (isCompacted) => {
    const persist: PersistOptions = { folder: folders.make(), content: 'history' };
    const first = await start(persist);
    await first.client.set('key', 1, { ttlMs: 600_000 });
    for (const data of [1, 2]) await first.client.publish('news', data);
    const position = await first.client.publish('news', 3);
    if (isCompacted) await first.server.compact();
    await first.client.publish('news', 4);
    await first.client.increment('counter');
    await stop();

    const second = await start(persist);
    expect(await second.client.getAll()).toEqual({});
    expect(await second.client.readStream('news', { since: position! })).toMatchObject({
      recovered: true,
      publications: [{ offset: 4 }],
    });
    expect(await second.client.publish('news', 5)).toMatchObject({ offset: 5 });
  });

  it('is not made of one with keys', async () => {
    const folder = folders.make();
    const { client } = await start({ folder });
    await client.set('key', 1);
    await stop();
    const refused = start({ folder, content: 'history' });
    await expect(refused).rejects.toMatchObject({ code: 'SC_START' });
    await expect(refused).rejects.toThrow('holds keys');
    await expect(start({ folder }).then((store) => store.client.get('key'))).resolves.toBe(1);
  });

  it('is refused with another word', () => {
    const persist = { folder: folders.make(), content: 'keys' } as unknown as PersistOptions;
    expect(() => new NdataServer({ persist })).toThrow("`persist.content` must be 'all' or 'history', got \"keys\"");
  });
});
