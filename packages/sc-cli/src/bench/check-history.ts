import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { SCClientSocket } from 'sc-client';
import { HistoryRecorder, checkHistory, type HistoryReport } from 'sc-protocol/history';

export interface CheckSettings {
  readonly clients: number;
  readonly channels: number;
  /** Publications per second, of all clients together. */
  readonly rate: number;
  readonly durationMs: number;
  /** Connections that are cut per second. */
  readonly cuts: number;
  /** Prefix of the channel names, followed by a number. */
  readonly prefix: string;
  /** Time for the last publications to reach all clients. */
  readonly settleMs: number;
  /** Opens a connected socket that reconnects; it must use `wsOptions` for itself alone. */
  readonly open: (wsOptions: Readonly<Record<string, unknown>>) => Promise<SCClientSocket>;
}

interface CheckedClient {
  readonly name: string;
  readonly socket: SCClientSocket;
  readonly channels: readonly string[];
  /** The TCP connection of the current WebSocket, where available. */
  connection: Socket | undefined;
}

/** Number of channels that each client subscribes and publishes to. */
const channelsEach = 5;
/** Number of sockets opened in parallel. */
const opensAtOnce = 50;
const pollMs = 50;
/** Number of initial connection attempts, and the pause between them. */
const openAttempts = 4;
const openPauseMs = 500;

/**
 * Publishes and subscribes with many clients while their connections are cut, records every operation, and checks that
 * no publication was lost, repeated, reordered, or skipped without a signal. The caller may also disturb the server.
 */
export async function checkRun(settings: CheckSettings): Promise<HistoryReport> {
  const recorder = new HistoryRecorder(() => performance.now());
  const clients: CheckedClient[] = [];
  try {
    while (clients.length < settings.clients) {
      const size = Math.min(opensAtOnce, settings.clients - clients.length);
      const opening = Array.from({ length: size }, (_, i) => openClient(clients.length + i, settings));
      const opened = await Promise.allSettled(opening);
      for (const one of opened) if (one.status === 'fulfilled') clients.push(one.value);
      for (const one of opened) if (one.status === 'rejected') throw one.reason;
    }
    await Promise.all(clients.map((client) => subscribe(client, recorder)));
    await publish(clients, recorder, settings);
    await settle(clients, recorder, settings.settleMs);
  } finally {
    for (const { socket } of clients) socket.destroy();
  }
  return checkHistory(recorder.log);
}

async function openClient(index: number, settings: CheckSettings): Promise<CheckedClient> {
  let client: { connection: Socket | undefined } = { connection: undefined };
  const createConnection = (options: TcpNetConnectOpts): Socket =>
    (client.connection = connectTcp({ ...options, path: undefined } as TcpNetConnectOpts));
  const socket = await openPatiently(() => settings.open({ createConnection }));
  const channels = Array.from(
    { length: Math.min(channelsEach, settings.channels) },
    (_, i) => `${settings.prefix}/${(index + i) % settings.channels}`,
  );
  const checked = Object.assign(client, { name: `client-${index}`, socket, channels });
  client = checked;
  return checked;
}

/** A disturbed server may refuse one connection and accept the next. */
async function openPatiently(open: () => Promise<SCClientSocket>): Promise<SCClientSocket> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (attempt === openAttempts) throw error;
      await pause(openPauseMs);
    }
  }
}

function subscribe({ name, socket, channels }: CheckedClient, recorder: HistoryRecorder): Promise<unknown> {
  return Promise.all(
    channels.map((channel) => {
      const own = socket.channel(channel);
      recorder.watch(name, own);
      return new Promise<void>((resolve, reject) => {
        own.once('subscribe', () => resolve());
        own.once('subscribeFail', reject);
        own.subscribe();
      });
    }),
  );
}

/** Publishes and cuts connections at a constant rate, then waits until every publish has ended. */
async function publish(
  clients: readonly CheckedClient[],
  recorder: HistoryRecorder,
  { rate, cuts, durationMs }: CheckSettings,
): Promise<void> {
  const began = performance.now();
  const publishes: Promise<void>[] = [];
  let cut = 0;
  for (;;) {
    const elapsedMs = performance.now() - began;
    if (elapsedMs > durationMs) break;
    while (publishes.length < (elapsedMs * rate) / 1000) {
      const { name, socket, channels } = oneOf(clients);
      publishes.push(recorder.publish(name, socket.channel(oneOf(channels))));
    }
    for (; cut < (elapsedMs * cuts) / 1000; cut++) cutConnection(oneOf(clients));
    await pause(5);
  }
  await Promise.all(publishes);
}

/** Destroys the TCP connection without a close frame where available, otherwise closes the WebSocket. */
function cutConnection({ connection, socket }: CheckedClient): void {
  if (connection === undefined) socket.reconnect();
  else connection.destroy();
}

/** Resolves when a final publication to each channel has reached all of its subscribers, or at the deadline. */
async function settle(clients: readonly CheckedClient[], recorder: HistoryRecorder, settleMs: number): Promise<void> {
  const deadline = performance.now() + settleMs;
  const waiting = new Set<string>();
  for (const { name, socket, channels } of clients) {
    for (const channel of channels) {
      waiting.add(`${name} ${channel}`);
      socket.channel(channel).watch((data) => {
        if ((Object(data) as { readonly isLast?: unknown }).isLast === true) waiting.delete(`${name} ${channel}`);
      });
    }
  }
  const publishers = new Map(clients.flatMap((client) => client.channels.map((channel) => [channel, client] as const)));
  const last = async (channel: string, { name, socket }: CheckedClient): Promise<void> => {
    await recorder.publish(name, socket.channel(channel), { isLast: true });
  };
  await Promise.all([...publishers].map(([channel, client]) => last(channel, client)));
  while (waiting.size > 0 && performance.now() < deadline) await pause(pollMs);
}

function oneOf<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
