import type { ProxyInfo } from '../proxy-header/proxy-header.js';

/** A connection as middleware sees it: its addresses, but none of its bytes. */
export interface ConnectionContext {
  /** The client's address, as a trusted peer told it when there is one in front. */
  readonly remoteAddress: string | undefined;
  /** The client's port. */
  readonly remotePort: number | undefined;
  /** The address the client connected to. */
  readonly localAddress: string | undefined;
  /** The port that the client connected to. */
  readonly localPort: number | undefined;
}

/** Called for every connection before TLS and before a target is chosen. Returning allows it, throwing closes it. */
export type ConnectionMiddleware = (connection: ConnectionContext) => Promise<void> | void;

export function connectionContext({ source, destination }: ProxyInfo): ConnectionContext {
  return {
    remoteAddress: source?.address,
    remotePort: source?.port,
    localAddress: destination?.address,
    localPort: destination?.port,
  };
}

/** Runs them in order. Rejects with what the first one threw, or when they take too long together. */
export async function runMiddleware(
  middleware: readonly ConnectionMiddleware[],
  context: ConnectionContext,
  timeoutMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`connection middleware took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  const run = async (): Promise<void> => {
    for (const line of middleware) await line(context);
  };
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
