import { describe, expect, it } from '@jest/globals';
import { connect, type SCSocket as ClientSocket } from 'sc-client';
import { HistoryRecorder, checkHistory, describeHistory } from 'sc-protocol/history';
import { faultProxy, waitFor, type Cleanup } from 'sc-testkit';
import { authKey, startServer, withCleanup, type TestServer } from '../support.js';
import { startWithHistory, type HistoryServer } from './support.js';

const deadlineMs = 60_000;
const rounds = 12;

interface Rig {
  readonly recorder: HistoryRecorder;
  readonly clients: readonly ClientSocket[];
  /** The server that takes connections now. */
  readonly current: () => TestServer;
  /** Starts the next server on the same store, and drains this one, as a reload does. */
  readonly reload: () => Promise<void>;
  readonly cut: () => void;
}

/** Two clients behind a network that can be cut, on servers whose lines take their time. */
async function startRig(cleanup: Cleanup): Promise<Rig> {
  const first: HistoryServer = await startWithHistory(cleanup, { connectionRate: 0, subscribeRate: 0 });
  let current: TestServer = prepare(first);
  const target = { port: current.port };
  const proxy = cleanup.add(await faultProxy(target), (one) => one.close());
  const recorder = new HistoryRecorder(() => performance.now());
  const clients = ['ada', 'bob'].map((name) => {
    const socket = connect({
      hostname: '127.0.0.1',
      port: proxy.port,
      authEngine: null,
      ackTimeout: deadlineMs,
      autoReconnectOptions: { initialDelay: 5, randomness: 20, maxDelay: 100 },
    });
    cleanup.add(socket, (one) => one.destroy());
    socket.on('error', () => undefined);
    recorder.watch(name, socket.channel('room/1'));
    socket.channel('room/1').on('kickOut', () => void socket.subscribe('room/1'));
    socket.subscribe('room/1');
    return socket;
  });
  await waitFor(() => clients.every((one) => one.isSubscribed('room/1')), { what: 'both subscriptions', deadlineMs });
  return {
    recorder,
    clients,
    current: () => current,
    async reload() {
      const before = current;
      current = prepare(
        await startServer(cleanup, { store: first.store, authKey, connectionRate: 0, subscribeRate: 0 }),
      );
      target.port = current.port;
      await before.scServer.drain(20);
    },
    cut: () => proxy.cut(),
  };
}

/** Middleware that waits, so that everything crosses it; tokens and kick-outs come when a client asks for them. */
function prepare<Server extends TestServer>(server: Server): Server {
  const { scServer } = server;
  const pause = () => new Promise<void>((resolve) => void setImmediate(resolve));
  scServer.addMiddleware('subscribe', pause);
  scServer.addMiddleware('publishOut', pause);
  scServer.on('connection', (socket) => {
    let tokens = 0;
    socket.handle('renew', () => socket.setAuthToken({ user: 'someone', number: ++tokens }));
    socket.handle('kick', () => socket.kickOut('room/1', 'Again'));
  });
  return server;
}

const ask = (socket: ClientSocket, procedure: string) => socket.invoke(procedure).catch(() => undefined);

const crossings: readonly (readonly [what: string, act: (rig: Rig, client: ClientSocket) => unknown])[] = [
  ['cuts', ({ cut }) => cut()],
  ['reloads', ({ reload }) => reload()],
  [
    'cuts and renewed tokens',
    ({ cut }, client) => {
      cut();
      void ask(client, 'renew');
      void ask(client, 'renew');
    },
  ],
  [
    'reloads and renewed tokens',
    ({ reload }, client) => {
      void ask(client, 'renew');
      return reload();
    },
  ],
  [
    'cuts and kick-outs',
    ({ cut }, client) => {
      void ask(client, 'kick');
      cut();
      void ask(client, 'kick');
    },
  ],
];

describe('missed publications that pass slow lines', () => {
  it.each(crossings)(
    'come once and in order across %s',
    async (_what, act) => {
      await withCleanup(async (cleanup) => {
        const rig = await startRig(cleanup);
        const { recorder, clients, current } = rig;
        const [ada, bob] = clients as [ClientSocket, ClientSocket];
        const published: Promise<void>[] = [];
        const publish = (name: string, socket: ClientSocket, count: number): void => {
          for (let i = 0; i < count; i++) published.push(recorder.publish(name, socket.channel('room/1')));
        };
        for (let round = 0; round < rounds; round++) {
          publish('ada', ada, 5);
          const done = act(rig, bob);
          publish('bob', bob, 5);
          publish('ada', ada, 5);
          await done;
          if (round % 3 === 2) await Promise.all(published);
        }
        await Promise.all(published);
        const { offset } = await current().scServer.exchange.position('room/1');
        const areThere = () => clients.every((one) => one.channel('room/1').position?.offset === offset);
        await waitFor(areThere, { what: 'both clients at the end', deadlineMs });
        const report = checkHistory(recorder.log);
        if (report.faults.length > 0) throw new Error(describeHistory(report));
        expect(report).toMatchObject({ acks: rounds * 15, refused: 0, unknown: 0 });
        expect(offset).toBe(rounds * 15);
      })();
    },
    180_000,
  );
});
