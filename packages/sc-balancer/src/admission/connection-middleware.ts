import type { ProxyInfo } from '../proxy-header/proxy-header.js';

/** A connection as passed to middleware: its addresses, without its data. */
export interface ConnectionContext {
  /** The client's address. Behind a trusted peer, the address in its PROXY header. */
  readonly remoteAddress: string | undefined;
  /** The client's port. */
  readonly remotePort: number | undefined;
  /** The address that the client connected to. */
  readonly localAddress: string | undefined;
  /** The port that the client connected to. */
  readonly localPort: number | undefined;
}

/**
 * Called for every connection before TLS and before a target is chosen. Returning allows the connection; throwing
 * closes it.
 */
export type ConnectionMiddleware = (connection: ConnectionContext) => Promise<void> | void;

export function connectionContext({ source, destination }: ProxyInfo): ConnectionContext {
  return {
    remoteAddress: source?.address,
    remotePort: source?.port,
    localAddress: destination?.address,
    localPort: destination?.port,
  };
}

/** Runs the functions in order. Rejects with the first error, or if they exceed `timeoutMs` together. */
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
