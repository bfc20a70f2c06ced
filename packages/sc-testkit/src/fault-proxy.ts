import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Network faults, in both directions. They can be changed while connections are open. */
export interface Faults {
  /** Milliseconds that every chunk is held back. @default 0 */
  delayMs?: number;
  /** Largest number of bytes written at once: splits what was sent in one piece. @default no limit */
  chunkBytes?: number;
  /** Swallow all bytes while both ends stay open, as a network that went away does. @default false */
  isHalfOpen?: boolean;
  /** Read nothing from the server, so that its buffers fill. @default false */
  isStuck?: boolean;
}

export interface FaultProxy {
  readonly port: number;
  readonly faults: Faults;
  /** Connections that live now. */
  connections(): number;
  /** Cuts every connection that lives now, with a reset. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 that behaves like a bad network between a client and `target`. */
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
      // Node loses the `close` event of a socket that is reset while it ends.
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
    // One after the other, so that a change of delay cannot reorder bytes.
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
