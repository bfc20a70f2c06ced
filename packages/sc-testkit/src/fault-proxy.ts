import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Network faults, in both directions. They can be changed while connections are open. */
export interface Faults {
  /** Delay of every chunk in milliseconds. @default 0 */
  delayMs?: number;
  /** Maximum number of bytes per write, to split larger chunks. @default no limit */
  chunkBytes?: number;
  /** Drop all bytes while both ends stay open, like a lost network. @default false */
  isHalfOpen?: boolean;
  /** Read nothing from the server, so that its buffers fill. @default false */
  isStuck?: boolean;
}

export interface FaultProxy {
  readonly port: number;
  readonly faults: Faults;
  /** Number of open connections. */
  connections(): number;
  /** Resets every open connection. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 that simulates a faulty network between a client and `target`. */
export async function faultProxy(
  target: { readonly host?: string; readonly port: number },
  initial: Faults = {},
): Promise<FaultProxy> {
  const faults: Faults = { ...initial };
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    relay(client, upstream, faults, () => false);
    relay(upstream, client, faults, () => faults.isStuck === true);
    for (const side of pair) {
      side.on('error', () => side.destroy());
      side.on('close', () => {
        if (faults.isHalfOpen !== true) for (const other of pair) other.destroySoon();
        if (pair.every((other) => other.destroyed)) pairs.delete(pair);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const side of [...pairs].flat()) {
      // Node omits the `close` event of a socket that is reset while it ends.
      if (side.writableEnded) side.destroy();
      else side.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    connections: () => pairs.size,
    cut,
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      cut();
      await closed;
    },
  };
}

function relay(from: Socket, to: Socket, faults: Faults, isStuck: () => boolean): void {
  let last = Promise.resolve();
  from.on('data', (data: Buffer) => {
    from.pause();
    // Sequential, so that a change of the delay cannot reorder bytes.
    last = last.then(async () => {
      while (isStuck() && !from.destroyed) await pause(10);
      if ((faults.delayMs ?? 0) > 0) await pause(faults.delayMs ?? 0);
      if (faults.isHalfOpen !== true && to.writable) await write(to, data, faults.chunkBytes ?? data.length);
      from.resume();
    });
  });
  from.on('end', () => {
    void last.then(() => {
      if (faults.isHalfOpen !== true) to.end();
    });
  });
}

async function write(to: Socket, data: Buffer, chunkBytes: number): Promise<void> {
  to.setNoDelay(true);
  for (let start = 0; start < data.length; start += chunkBytes) {
    await new Promise<void>((resolve) => {
      to.write(data.subarray(start, start + chunkBytes), () => {
        resolve();
      });
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
