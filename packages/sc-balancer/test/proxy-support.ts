import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProxyBalancer, readProxyHeader } from '../src/index.js';
import type { ProxyInfo, ProxyOptions, ProxyTarget } from '../src/index.js';
import { cleanUp, get } from './support.js';

/** A target behind a unix socket that gives every connection, its header read, to `onConnection`. */
export async function startTarget(
  id: string,
  onConnection: (connection: Socket, info: ProxyInfo) => void,
): Promise<ProxyTarget & { socketPath: string; open: Set<Socket>; close: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'sc-balancer-'));
  const socketPath = join(directory, 'target.sock');
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection);
    connection.on('error', () => undefined).once('close', () => open.delete(connection));
    readProxyHeader(connection).then(
      (info) => onConnection(connection, info),
      () => undefined,
    );
  });
  server.listen(socketPath);
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    for (const connection of open) connection.destroy();
  };
  cleanUp(() => {
    close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { id, socketPath, open, close };
}

/** A target that is a plain HTTP server. */
export function startHttpTarget(id: string): ReturnType<typeof startTarget> {
  const httpServer = createHttpServer(({ socket }, response) => {
    const { remoteAddress, remotePort } = socket;
    response.end(JSON.stringify({ id, remoteAddress, remotePort, encrypted: 'encrypted' in socket }));
  });
  return startTarget(id, (connection) => httpServer.emit('connection', connection));
}

/** A balancer on a free port without a ramp. It is closed after the test. */
export async function startBalancer(options: ProxyOptions): Promise<{ balancer: ProxyBalancer; port: number }> {
  const balancer = new ProxyBalancer({ rampMs: 0, ...options });
  cleanUp(() => balancer.close());
  const { port } = await balancer.listen(0, '127.0.0.1');
  return { balancer, port };
}

/** The target definition to pass to a balancer. */
export const target = ({ id, socketPath }: { id: string; socketPath: string }): ProxyTarget => ({ id, socketPath });
/** The id of the target that answers an HTTP request. */
export const servedBy = async (port: number, keepAlive = false): Promise<string> =>
  (JSON.parse(await get(port, '/', { keepAlive })) as { id: string }).id;

/** Greets and ends when the client does. */
export function sayHi(connection: Socket): void {
  connection.write('hi');
  connection.resume().on('end', () => connection.end());
}

/** Everything a connection says until its end. */
export async function readAll(connection: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
