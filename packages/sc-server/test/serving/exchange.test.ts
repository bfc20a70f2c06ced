import { describe, expect, it } from '@jest/globals';
import { NdataStore } from 'ndata-store';
import { startServer, withCleanup, withServer } from './support.js';

class FlakyStore extends NdataStore {
  isDown = true;
  override subscribe(channel: string): Promise<void> {
    return this.isDown ? Promise.reject(new Error('The store is away')) : super.subscribe(channel);
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
});
