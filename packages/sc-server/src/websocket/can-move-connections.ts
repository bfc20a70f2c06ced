import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { connectionOf, rawHandleOf, takeHandle } from './raw-handle.js';

const timeoutMs = 5_000;

/**
 * Whether this version of Node can continue a connection from its handle. Detaches the handle of a stream in
 * mid-connection and continues with another stream. `path` is that of a Unix socket for the test.
 */
export async function canMoveConnections(path: string): Promise<boolean> {
  const opened: Socket[] = [];
  const server = createServer({ pauseOnConnect: true });
  const late = AbortSignal.timeout(timeoutMs);
  try {
    server.listen(path);
    await once(server, 'listening', { signal: late });
    const client = connect(path);
    opened.push(client);
    const [first] = (await once(server, 'connection', { signal: late })) as [Socket];
    opened.push(first);
    client.write('a');
    await readText(first, 'a', late);
    const handle = rawHandleOf(first);
    if (handle === undefined) return false;
    first.pause();
    takeHandle(first, handle);
    client.write('b');
    const second = connectionOf(handle);
    opened.push(second);
    await readText(second, 'b', late);
    second.write('c');
    await readText(client, 'c', late);
    return true;
  } catch {
    return false;
  } finally {
    for (const socket of opened) socket.destroy();
    server.close();
    await rm(path, { force: true }).catch(() => undefined);
  }
}

async function readText(socket: Socket, expected: string, signal: AbortSignal): Promise<void> {
  socket.on('error', () => undefined);
  const chunk = once(socket, 'data', { signal });
  socket.resume();
  const [text] = (await chunk) as [Buffer];
  if (String(text) !== expected) throw new Error(`Expected "${expected}", read "${String(text)}"`);
}
