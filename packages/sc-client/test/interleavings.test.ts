import { describe, expect, it } from '@jest/globals';
import { randomOf } from 'sc-testkit';
import { SCClientSocket } from '../src/socket.js';
import type { AuthEngine } from '../src/token-store.js';
import { type VirtualConnection, VirtualServer, virtualPlatform } from './support/virtual.js';
import type { Wire } from './support/virtual-web-socket.js';
import { VirtualTime } from './support/virtual-time.js';

/** How many histories of each kind; `INTERLEAVINGS` and `SEED` in the environment change that. */
const count = Number(process.env['INTERLEAVINGS'] ?? 1000);
const firstSeed = Number(process.env['SEED'] ?? 1);

/** The first is only ever asked for with `waitForAuth`: its publications are for whoever is logged in. */
const channels = ['private/a', 'private/b', 'public'] as const;

interface Tab {
  readonly socket: SCClientSocket;
  connection: VirtualConnection | undefined;
  /** How often each call has ended. */
  readonly ends: Map<string, number>;
  /** Invariants that must hold in every interleaving. */
  readonly broken: string[];
}

/** Notes what breaks the rules of deliveries and of subscriptions while a history runs. */
function observe({ socket, broken }: Tab): void {
  let arrived: readonly [channel: string, data: number] | undefined;
  const last = new Map<string, number>();
  socket.on('message', (text) => {
    if (arrived !== undefined) broken.push(`${arrived.join(' ')} was lost`);
    const { event, data } = JSON.parse(text as string) as Omit<Wire, 'data'> & {
      data?: { channel: string; data: number };
    };
    const isForUs = event === '#publish' && data !== undefined && socket.isSubscribed(data.channel);
    arrived = isForUs ? [data.channel, data.data] : undefined;
  });
  for (const channel of channels) {
    const handle = socket.channel(channel);
    let isSubscribed = false;
    handle.watch((published) => {
      const data = published as number;
      // A pending one may get publications in front of a late ack.
      if (!handle.isSubscribed(true)) broken.push(`${channel} ${data} came without a subscription`);
      if (arrived?.[1] === data) arrived = undefined;
      if (data <= (last.get(channel) ?? 0)) broken.push(`${channel} ${data} came twice or out of order`);
      last.set(channel, data);
      if (channel === 'private/a' && socket.authState !== 'authenticated')
        broken.push(`${channel} came after the token`);
    });
    for (const event of ['subscribe', 'unsubscribe'] as const) {
      handle.on(event, () => {
        if (isSubscribed === (event === 'subscribe')) broken.push(`${channel}: ${event} twice`);
        isSubscribed = event === 'subscribe';
      });
    }
  }
}

interface Kind {
  readonly tabs: number;
  readonly lifeMs: number;
  readonly hasSource: boolean;
}

async function history(seed: number, { tabs: tabCount, lifeMs, hasSource }: Kind): Promise<string[]> {
  const random = randomOf(seed);
  const time = new VirtualTime();
  const server = new VirtualServer(time, random);
  let stored: string | null = null;
  const watchers: ((token: string | null) => void)[] = [];
  const engineOf = (index: number): AuthEngine => {
    const write = (token: string | null): void => {
      if (stored === token) return;
      stored = token;
      for (const [other, watcher] of watchers.entries()) {
        if (other !== index || random() < 0.5) time.after(1 + random() * 10, () => watcher(token));
      }
    };
    return {
      loadToken: () => stored,
      saveToken: (_name: string, token: string) => write(token),
      removeToken: () => write(null),
      watchToken: (_name: string, changed) => {
        watchers[index] = changed;
        return () => {};
      },
    };
  };
  const tabs = Array.from({ length: tabCount }, (_, index): Tab => {
    const ends = new Map<string, number>();
    const tab = { connection: undefined, ends, broken: [] } as unknown as Tab & { socket: SCClientSocket };
    const source = async (): Promise<string> => {
      await new Promise<void>((resolve) => time.after(random() * 50, resolve));
      if (random() < 0.3) throw new Error('The source failed');
      return server.sign(lifeMs);
    };
    const options = {
      authEngine: engineOf(index),
      pingTimeoutDisabled: true,
      autoReconnectOptions: { initialDelay: 20, randomness: 50, maxDelay: 200 },
      ...(hasSource && { auth: source }),
    };
    const socket = new SCClientSocket(
      options,
      virtualPlatform(server, (connection) => (tab.connection = connection)),
    );
    socket.on('error', () => {});
    observe(Object.assign(tab, { socket }));
    return tab;
  });
  let calls = 0;
  const once = (tab: Tab, promise: Promise<unknown>): void => {
    const name = `call ${++calls}`;
    tab.ends.set(name, 0);
    const ended = (): void => void tab.ends.set(name, (tab.ends.get(name) ?? 0) + 1);
    promise.then(ended, ended);
  };
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const steps: readonly ((tab: Tab) => unknown)[] = [
    (tab) => once(tab, tab.socket.authenticate(server.sign(lifeMs))),
    (tab) => once(tab, tab.socket.authenticate('bad')),
    (tab) => once(tab, tab.socket.deauthenticate()),
    (tab) => tab.socket.subscribe(channels[0], { waitForAuth: true }),
    (tab) => tab.socket.subscribe(one(channels.slice(1)), random() < 0.5 ? { waitForAuth: true } : {}),
    (tab) => tab.socket.subscribe(one(channels.slice(1))),
    (tab) => tab.socket.unsubscribe(one(channels)),
    () => server.publish(one(channels)),
    () => server.publish(channels[0]),
    (tab) => random() < 0.3 && tab.socket.disconnect(),
    (tab) => tab.socket.connect(),
    (tab) => once(tab, tab.socket.invoke('anything')),
    (tab) => tab.socket.reconnect(),
    (tab) => tab.connection?.cut(),
    (tab) => tab.connection?.isOpen && tab.connection.setAuthToken(server.sign(lifeMs)),
    (tab) => tab.connection?.isOpen && tab.connection.removeAuthToken(),
    (tab) => tab.connection?.isOpen && tab.connection.kickOut(one(channels)),
  ];
  const length = 5 + Math.floor(random() * 25);
  for (let i = 0; i < length; i++) {
    one(steps)(one(tabs));
    if (random() < 0.6) await time.pass(random() * (random() < 0.2 ? 800 : 25));
  }
  for (const { socket } of tabs) socket.connect();
  await time.pass(30_000);
  for (const channel of channels) server.publish(channel);
  await time.pass(100);
  let wrong = disagreements();
  // A renewal may be under way just now; it takes less than this.
  for (let i = 0; i < 20 && wrong.length > 0; i++) {
    await time.pass(10);
    wrong = disagreements();
  }
  for (const { socket } of tabs) socket.destroy();
  return [...wrong, ...tabs.flatMap(({ broken }, index) => broken.map((text) => `tab ${index}: ${text}`))];

  function disagreements(): string[] {
    const found: string[] = [];
    for (const [index, { socket, connection, ends }] of tabs.entries()) {
      const say = (text: string): void => void found.push(`tab ${index}: ${text}`);
      const there = connection?.token ?? null;
      if (socket.state !== 'open') say(`is ${socket.state}`);
      if (socket.signedAuthToken !== there) say(`client has ${socket.signedAuthToken}, server ${there}`);
      if ((socket.authState === 'authenticated') !== (there !== null)) say(`is ${socket.authState}`);
      // A token that has ended may stay in the store until the next replaces it.
      if (socket.signedAuthToken !== stored && (socket.signedAuthToken !== null || server.isValid(stored))) {
        say(`has ${socket.signedAuthToken}, the store ${stored}`);
      }
      for (const channel of channels) {
        const isHere = socket.isSubscribed(channel);
        if (isHere !== (connection?.subscriptions.has(channel) ?? false)) {
          say(`${channel} is ${isHere ? 'subscribed here, not there' : 'subscribed there, not here'}`);
        }
      }
      const isPending = socket.subscriptions(true).some((channel) => !socket.isSubscribed(channel));
      if (isPending && socket.authState === 'authenticated') say('channels are pending although there is a token');
      for (const [name, times] of ends) if (times !== 1) say(`${name} ended ${times} times`);
    }
    return found;
  }
}

describe('any interleaving of what client, server and other tabs do', () => {
  it.each<[string, Kind]>([
    ['with tokens that last', { tabs: 1, lifeMs: 1e8, hasSource: false }],
    ['with tokens that are renewed', { tabs: 1, lifeMs: 2000, hasSource: true }],
    ['in two tabs', { tabs: 2, lifeMs: 1e8, hasSource: false }],
    ['in two tabs whose tokens are renewed', { tabs: 2, lifeMs: 2000, hasSource: true }],
    ['in three tabs', { tabs: 3, lifeMs: 1e8, hasSource: false }],
  ])(
    'ends in agreement %s',
    async (_name, kind) => {
      for (let seed = firstSeed; seed < firstSeed + count; seed++) {
        const wrong = await history(seed, kind);
        if (wrong.length > 0) throw new Error(`Seed ${seed}: ${wrong.join('; ')}`);
      }
      expect(count).toBeGreaterThan(0);
    },
    300_000,
  );
});
