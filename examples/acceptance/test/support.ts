import { rawSocket, startProcess } from 'sc-testkit';
import type { Cleanup, RawSocket, RawSocketOptions, StartedProcess } from 'sc-testkit';

/** The content of the server's READY line. */
export interface Ready {
  readonly url: string;
  readonly ports: { readonly server: number };
  readonly pids: {
    readonly supervisor: number;
    readonly workers: readonly number[];
    readonly stores: readonly number[];
    readonly balancers: readonly number[];
  };
}

export interface Acceptance extends StartedProcess<Ready> {
  /** URL of the WebSocket endpoint. */
  readonly webSocketUrl: string;
  /** Opens a raw socket and completes the handshake. */
  open(options?: RawSocketOptions): Promise<RawSocket>;
}

const serverFile = new URL('../server.js', import.meta.url).pathname;

/** Starts the acceptance server on a free port. The cleanup stops it and closes every socket opened to it. */
export async function startAcceptance(
  cleanup: Cleanup,
  env: Readonly<Record<string, string>> = {},
): Promise<Acceptance> {
  const server = cleanup.add(
    await startProcess<Ready>(serverFile, { env: { PORT: '0', AUTH_KEY: 'k'.repeat(32), ...env } }),
    (started) => started.stop(),
  );
  const webSocketUrl = `${server.ready.url.replace('http', 'ws')}/socketcluster/`;
  return {
    ...server,
    webSocketUrl,
    async open(options) {
      const socket = cleanup.add(await rawSocket(webSocketUrl, options), (opened) => opened.terminate());
      await socket.handshake();
      return socket;
    },
  };
}

/** Opens a socket on each worker, in the order of the workers' ids. */
export async function openOnEachWorker(server: Acceptance, workers: number): Promise<RawSocket[]> {
  const found = new Map<number, RawSocket>();
  for (let attempts = 0; found.size < workers; attempts++) {
    if (attempts > 50 * workers) throw new Error(`Only ${found.size} of ${workers} workers take connections`);
    const socket = await server.open();
    const { data } = await socket.call('worker');
    found.set((data as { id: number }).id, socket);
  }
  return [...found].sort(([one], [other]) => one - other).map(([, socket]) => socket);
}

/** Waits for a publication of the channel and returns its data. */
export async function nextPublication(socket: RawSocket, channel: string): Promise<unknown> {
  const frame = await socket.next(
    ({ event, data }) => event === '#publish' && (data as { channel: string }).channel === channel,
    { what: `a publication of ${channel}` },
  );
  return (frame['data'] as { data: unknown }).data;
}

/** The configurations that must behave identically. */
export const setups: readonly (readonly [name: string, env: Readonly<Record<string, string>>])[] = [
  ['one process', { WORKERS: '0' }],
  ['two workers', { WORKERS: '2', STORES: '1' }],
  ['two workers, two stores and a balancer', { WORKERS: '2', STORES: '2', BALANCERS: '1' }],
];
