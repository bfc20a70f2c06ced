import { describe, expect, it } from '@jest/globals';
import { NdataStore, methodNames, type Change } from 'ndata-store';
import { waitFor } from 'sc-testkit';
import { startServer, withCleanup, withServer } from './support.js';

class FlakyStore extends NdataStore {
  isDown = true;
  override open(...[channel, sink, options]: Parameters<NdataStore['open']>): ReturnType<NdataStore['open']> {
    if (!this.isDown) return super.open(channel, sink, options);
    queueMicrotask(() => sink.refused(new Error('The store is away')));
    return { close: () => Promise.resolve() };
  }
}

describe('the exchange', () => {
  it(
    'is the same object under its first name, and offers channels with the client’s API',
    withServer(async ({ scServer, connect }) => {
      expect(scServer.global).toBe(scServer.exchange);
      const channel = scServer.global.subscribe('x');
      const got: unknown[] = [];
      channel.watch((data) => void got.push(data));
      await new Promise<void>((resolve) => void channel.on('subscribe', () => resolve()));
      expect([channel.isSubscribed(), scServer.exchange.subscriptions()]).toEqual([true, ['x']]);
      const { raw, socket } = await connect();
      expect(socket.exchange).toBe(scServer.exchange);
      expect(socket.global).toBe(scServer.exchange);
      await raw.call('#publish', { channel: 'x', data: 1 });
      await scServer.exchange.publish('x', 2);
      expect(got).toEqual([1, 2]);
      channel.destroy();
      await scServer.exchange.publish('x', 3);
      expect([got, scServer.exchange.subscriptions(true)]).toEqual([[1, 2], []]);
    }),
  );

  it(
    'publishes with a callback too; a callback that throws is in the log',
    withServer(async ({ scServer, log }) => {
      expect(await new Promise((resolve) => void scServer.exchange.publish('x', 1, resolve))).toBeNull();
      const refused = await new Promise((resolve) => void scServer.exchange.publish('', 1, resolve));
      expect(refused).toMatchObject({ name: 'InvalidArgumentsError' });
      await scServer.exchange.publish('x', 1, () => {
        throw new Error('in the callback');
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(log.map(({ message }) => message)).toEqual(['The callback of a publication failed']);
      await expect(scServer.exchange.publish('x', 1n)).rejects.toThrow();
    }),
  );

  it(
    'can be asked again, at once, for a channel that the store refused',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new FlakyStore(), (one) => one.close());
      const { scServer } = await startServer(cleanup, { store });
      const channel = scServer.exchange.channel('x');
      const events: string[] = [];
      channel.on('subscribe', () => void events.push('subscribe'));
      channel.on('subscribeFail', () => {
        events.push('subscribeFail');
        store.isDown = false;
        channel.subscribe();
      });
      const subscribed = new Promise<void>((resolve) => void channel.on('subscribe', () => resolve()));
      channel.subscribe();
      await subscribed;
      expect(events).toEqual(['subscribeFail', 'subscribe']);
      expect(store.subscriptions()).toContain('x');
      channel.unsubscribe();
      expect(store.subscriptions()).not.toContain('x');
    }),
  );

  it(
    'holds data for all workers',
    withServer(async ({ scServer }) => {
      await scServer.exchange.set(['a', 'b'], { c: 1 });
      expect(await scServer.exchange.get('a')).toEqual({ b: { c: 1 } });
    }),
  );

  it(
    'offers every data command of a store, and neither `run` nor `query`',
    withServer(async ({ scServer }) => {
      const offered = scServer.exchange as unknown as Readonly<Record<string, unknown>>;
      for (const name of [...methodNames.data, 'join', 'members', 'invoke', 'send']) {
        expect([name, typeof offered[name]]).toEqual([name, 'function']);
      }
      // Stores of a server run no functions that were sent to them.
      expect([offered['run'], offered['query']]).toEqual([undefined, undefined]);
      await Promise.resolve();
    }),
  );

  it(
    'knows the members of channels',
    withServer(async ({ scServer: { exchange } }) => {
      const events: unknown[] = [];
      exchange.on('memberJoin', (channel, member) => void events.push(['join', channel, member]));
      exchange.on('memberLeave', (channel, { user }) => void events.push(['leave', channel, user]));
      await exchange.watchMembers('room');
      await exchange.join('room', 'ada', { info: { name: 'Ada' } });
      expect(await exchange.members('room')).toEqual([{ user: 'ada', info: { name: 'Ada' }, sockets: 1 }]);
      await waitFor(() => events.length === 1, { what: 'the join' });
      await exchange.leave('room', 'ada');
      expect(await exchange.members('room')).toEqual([]);
      await waitFor(() => events.length === 2, { what: 'both member events' });
      expect(events).toEqual([
        ['join', 'room', { user: 'ada', info: { name: 'Ada' } }],
        ['leave', 'room', 'ada'],
      ]);
    }),
  );

  it(
    'tells of writes to the keys that it watches, whatever channels it watches',
    withServer(async ({ scServer: { exchange } }) => {
      const changes: unknown[] = [];
      const listener = ({ keyChain, command }: Change): void => void changes.push([keyChain, command]);
      await exchange.watchKey(['game', 7], listener);
      exchange.watch('game', () => undefined);
      await exchange.set(['game', 7, 'score'], 1);
      await exchange.set(['game', 8], 1);
      await waitFor(() => changes.length > 0, { what: 'a change' });
      await exchange.unwatchKey(['game', 7], listener);
      await exchange.set(['game', 7, 'score'], 2);
      await exchange.get('game');
      expect(changes).toEqual([[['game', '7', 'score'], 'set']]);
    }),
  );

  it(
    'sends data to the store’s controller, which answers',
    withCleanup(async (cleanup) => {
      const store = cleanup.add(new NdataStore(), (one) => one.close());
      store.controller.on('message', (data, respond) => respond(null, [data]));
      store.controller.defineProcedure('double', (data) => Number(data) * 2);
      const { scServer } = await startServer(cleanup, { store });
      expect(await scServer.exchange.send('hello')).toEqual(['hello']);
      expect(await scServer.exchange.invoke('double', 4)).toBe(8);
    }),
  );

  it(
    'logs a publication that no store would take, though nobody waits for it',
    withServer(async ({ scServer: { exchange }, log }) => {
      void exchange.publish('', 1);
      void exchange.publish('x', 1n);
      void exchange.channel('y').publish(1n);
      await waitFor(() => log.length === 3, { what: 'three log lines' });
      expect(log.map(({ message }) => message)).toEqual([
        'Publication to "" refused',
        'Publication to "x" refused',
        'Publication to "y" refused',
      ]);
    }),
  );

  it(
    'reads what the rules of channels keep, from a position on, and nothing volatile',
    withCleanup(async (cleanup) => {
      const history = { size: 10, ageMs: 60_000 };
      const store = cleanup.add(new NdataStore({ channels: { 'chat/{room}': { history } } }), (one) => one.close());
      const { exchange } = (await startServer(cleanup, { store })).scServer;
      await exchange.publish('chat/7', { text: 'first' });
      const position = await exchange.position('chat/7');
      expect(position).toEqual({ epoch: expect.any(String), offset: 1 });
      await exchange.publish('chat/7', { text: 'volatile' }, { volatile: true });
      store.controller.publish('chat/7', 'from the controller');
      await exchange.publish('chat/7');
      expect(await exchange.history('chat/7', { since: position })).toEqual({
        epoch: position.epoch,
        top: 3,
        recovered: true,
        hasMore: false,
        publications: [
          { data: 'from the controller', offset: 2, at: expect.any(Number) },
          { data: undefined, offset: 3, at: expect.any(Number) },
        ],
      });
      expect((await exchange.history('chat/7', { limit: 1 })).publications).toMatchObject([
        { data: undefined, offset: 3 },
      ]);
      await exchange.publish('free', 1);
      expect(await exchange.history('free')).toMatchObject({ epoch: '', top: 0, publications: [] });

      // Without a rule a publisher can begin a history.
      const first = await exchange.append('free', 'a', { maxSize: 2, maxAgeMs: 60_000 });
      await exchange.publish('free', 'b');
      expect(await exchange.append('free', 'c', { maxSize: 50 })).toEqual({ epoch: first.epoch, offset: 3 });
      expect((await exchange.history('free')).publications).toMatchObject([
        { data: 'b', offset: 2 },
        { data: 'c', offset: 3 },
      ]);
    }),
  );
});
