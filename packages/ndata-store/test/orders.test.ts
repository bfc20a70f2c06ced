import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataClusterClient, NdataServer, NdataStore } from '../src/index.js';
import type { OrderListener, Store } from '../src/index.js';
import { Orders, maxRetainedOrders, memberForgetMs, returnMs } from '../src/data/orders.js';
import type { Order } from '../src/data/orders.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

/** A member of the orders, which notes what it is given. */
class Taker {
  readonly taken: number[] = [];
  readonly orders: Order[] = [];
  order(order: Order): void {
    this.taken.push(order.giverNumber);
    this.orders.push(order);
  }
}

function settledFlag(promise: Promise<unknown>): { isSettled: boolean } {
  const flag = { isSettled: false };
  void promise.then(() => (flag.isSettled = true));
  return flag;
}

describe('the orders of a store', () => {
  let now = 0;
  const running = new Set<number>();
  const create = (store = 'store 1'): Orders =>
    new Orders({ store, now: () => now, isRunning: (pid) => running.has(pid) });
  const member = (id: string, pid?: number, store?: string) => ({ id, store, pid });

  it('reach every member once, in order, and settle when all have confirmed', async () => {
    const orders = create();
    const [a, b] = [new Taker(), new Taker()];
    expect(orders.join(a, member('a'))).toBe(true);
    orders.join(b, member('b'));
    const first = settledFlag(orders.give('g', 1, 'x'));
    void orders.give('g', 2, 'y');
    expect(a.taken).toEqual([1, 2]);
    expect(b.taken).toEqual([1, 2]);
    orders.confirm(a, 1);
    await Promise.resolve();
    expect(first.isSettled).toBe(false);
    orders.confirm(b, 1);
    await Promise.resolve();
    expect(first.isSettled).toBe(true);
    expect(orders.size).toBe(1);
  });

  it('are the same order when they are given again, and settle at once without members', async () => {
    const orders = create();
    await orders.give('g', 1, 'x');
    const a = new Taker();
    orders.join(a, member('a'));
    const given = [orders.give('g', 2, 'x'), orders.give('g', 2, 'x')];
    expect(a.taken).toEqual([2]);
    orders.confirm(a, a.orders[0]!.number);
    await Promise.all(given);
    expect(orders.size).toBe(0);
  });

  it('wait for a member that is away, and not for one that has ended or left', async () => {
    running.add(7).add(8);
    const orders = create();
    const takers = [new Taker(), new Taker(), new Taker()] as const;
    takers.forEach((taker, i) => orders.join(taker, member(`m ${i}`, 7 + i)));
    orders.lost(takers[0]);
    const given = settledFlag(orders.give('g', 1, 'x'));
    orders.confirm(takers[1], 1);
    orders.leave(takers[2]);
    await Promise.resolve();
    expect(given.isSettled).toBe(false);
    const back = new Taker();
    expect(orders.join(back, member('m 0', 7))).toBe(true);
    expect(back.taken).toEqual([1]);
    orders.lost(back);
    running.delete(7);
    orders.sweep();
    await Promise.resolve();
    expect(given.isSettled).toBe(true);
  });

  it('are given up for a member that was away for too long, which is told when it comes back', async () => {
    const orders = create();
    const a = new Taker();
    orders.join(a, member('a'));
    orders.lost(a);
    const given = settledFlag(orders.give('g', 1, 'x'));
    now += memberForgetMs;
    orders.sweep();
    await Promise.resolve();
    expect(given.isSettled).toBe(true);
    expect(orders.join(new Taker(), member('a', undefined, 'store 1'))).toBe(false);
  });

  it('wait, after a restart, for the members of the store before', async () => {
    now = 1_000_000;
    const orders = create('store 2');
    const a = new Taker();
    orders.join(a, member('a', undefined, 'store 1'));
    const given = settledFlag(orders.give('g', 1, 'x'));
    orders.confirm(a, 1);
    await Promise.resolve();
    expect(given.isSettled).toBe(false);
    const late = new Taker();
    orders.join(late, member('b', undefined, 'store 1'));
    expect(late.taken).toEqual([1]);
    orders.confirm(late, 1);
    now += returnMs;
    orders.sweep();
    await Promise.resolve();
    expect(given.isSettled).toBe(true);
  });

  it('are bounded: one more than may wait is refused, and taken when there is room', () => {
    const orders = create();
    const a = new Taker();
    orders.join(a, member('a'));
    for (let i = 1; i <= maxRetainedOrders; i++) void orders.give('g', i, '');
    expect(() => orders.give('g', 0, '')).toThrow(expect.objectContaining({ code: 'SC_RESOURCE_LIMIT' }));
    orders.confirm(a, 1);
    void orders.give('g', 0, '');
    expect(orders.size).toBe(maxRetainedOrders);
    const large = create();
    large.join(a, member('a'));
    void large.give('g', 1, 'x'.repeat(10 * 1024 * 1024));
    expect(() => large.give('g', 2, 'x'.repeat(10 * 1024 * 1024))).toThrow(/bytes of orders/);
  });
});

interface Process {
  readonly store: Store;
  readonly taken: unknown[];
  readonly missed: number;
  stop(): void;
}

/** Takes orders as a process does. */
function take(store: Store, carryOut: OrderListener['order'] = () => undefined): Process {
  const taken: unknown[] = [];
  let missed = 0;
  const stop = store.takeOrders({
    order: (data, id) => {
      taken.push(data);
      return carryOut(data, id);
    },
    missed: () => missed++,
  });
  return {
    store,
    taken,
    stop,
    get missed() {
      return missed;
    },
  };
}

describe('orders over links', () => {
  async function serve(socketPath = folders.socketPath()): Promise<NdataServer> {
    const server = new NdataServer({ socketPath });
    server.on('error', () => undefined);
    closers.push(() => server.close());
    await server.listen();
    return server;
  }

  function connect(socketPath: string): NdataClient {
    const client = new NdataClient({ socketPath, reconnectDelayMs: 5, reconnectDelayMaxMs: 20 });
    client.on('error', () => undefined);
    closers.push(() => client.close());
    return client;
  }

  it('reach every process once and in order, and settle when the slowest is done', async () => {
    const socketPath = folders.socketPath();
    await serve(socketPath);
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const [a, b] = [take(connect(socketPath)), take(connect(socketPath), () => slow)];
    await Promise.all([a, b].map(({ store }) => store.get('x')));
    const first = settledFlag(a.store.giveOrder(1));
    const second = b.store.giveOrder({ two: 2 });
    await waitFor('both orders', () => a.taken.length === 2 && b.taken.length === 2);
    expect(a.taken).toEqual([1, { two: 2 }]);
    expect(first.isSettled).toBe(false);
    finish();
    await second;
    expect(b.taken).toEqual(a.taken);
  });

  it('that are unconfirmed when the store is killed are carried out once, by the store that follows', async () => {
    const socketPath = folders.socketPath();
    const server = await serve(socketPath);
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const [a, b] = [take(connect(socketPath)), take(connect(socketPath), () => slow)];
    await Promise.all([a, b].map(({ store }) => store.get('x')));
    const given = a.store.giveOrder('once');
    await waitFor('the order', () => b.taken.length === 1);
    await server.close();
    const second = await serve(socketPath);
    await waitFor('both to be back', () => second.clients === 2);
    finish();
    await given;
    expect([a.taken, b.taken]).toEqual([['once'], ['once']]);
    expect([a.missed, b.missed]).toEqual([0, 0]);
    expect(second.store.statistics().unconfirmedOrders).toBe(0);
  }, 30_000);

  it('that are given while a process is away reach it when it is back, and its successor is not waited for', async () => {
    const socketPath = folders.socketPath();
    const server = await serve(socketPath);
    const a = take(connect(socketPath));
    const gone = connect(socketPath);
    const b = take(gone);
    await Promise.all([a, b].map(({ store }) => store.get('x')));
    // It says goodbye: nobody waits for it any more, and who replaces it gets what is given from then on.
    await gone.close();
    await a.store.giveOrder('while nobody is there');
    const c = take(connect(socketPath));
    await c.store.get('x');
    await a.store.giveOrder('to the successor');
    expect(b.taken).toEqual([]);
    expect(c.taken).toEqual(['to the successor']);
    expect(c.missed).toBe(0);
    expect(server.store.statistics().unconfirmedOrders).toBe(0);
  });

  it('go through one of several stores, so that all processes have them in the same order', async () => {
    const shards = ['a.sock', 'b.sock', 'c.sock'].map((name) => ({ socketPath: folders.socketPath(name) }));
    for (const { socketPath } of shards) await serve(socketPath);
    const processes = Array.from({ length: 3 }, () => {
      const client = new NdataClusterClient({ shards });
      closers.push(() => client.close());
      return take(client);
    });
    await Promise.all(processes.map(({ store }) => store.getAll()));
    await Promise.all(processes.flatMap(({ store }, i) => [1, 2, 3].map((n) => store.giveOrder(`${i}.${n}`))));
    expect(processes[0]!.taken).toHaveLength(9);
    for (const { taken } of processes) expect(taken).toEqual(processes[0]!.taken);
  });

  it('that processes could not carry out reject with the number of them and their reasons, once all have answered', async () => {
    const socketPath = folders.socketPath();
    await serve(socketPath);
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const well = take(connect(socketPath), () => slow);
    const failing = take(connect(socketPath), () => Promise.reject(new Error('The disk is full')));
    const throwing = take(connect(socketPath), () => {
      throw new Error('Too late');
    });
    await Promise.all([well, failing, throwing].map(({ store }) => store.get('x')));
    const given = well.store.giveOrder(1);
    const outcome = settledFlag(given.catch(() => undefined));
    await waitFor('the order', () => [well, failing, throwing].every(({ taken }) => taken.length === 1));
    await failing.store.get('x');
    expect(outcome.isSettled).toBe(false);
    finish();
    const error = await given.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'OrderError', code: 'SC_ORDER', failed: 2 });
    expect(String(error)).toMatch(/2 processes could not carry out the order: .*(The disk is full|Too late); /);
  });

  it('that could not be carried out before the store is killed are reported by the store that follows', async () => {
    const socketPath = folders.socketPath();
    const server = await serve(socketPath);
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const a = take(connect(socketPath), () => slow);
    const b = take(connect(socketPath), () => Promise.reject(new Error('It cannot')));
    await Promise.all([a, b].map(({ store }) => store.get('x')));
    const given = a.store.giveOrder('once').catch((reason: unknown) => reason);
    await waitFor('the order', () => a.taken.length === 1 && b.taken.length === 1);
    await b.store.get('x');
    await server.close();
    const second = await serve(socketPath);
    await waitFor('both to be back', () => second.clients === 2);
    finish();
    expect(await given).toMatchObject({ code: 'SC_ORDER', failed: 1 });
    expect([a.taken, b.taken]).toEqual([['once'], ['once']]);
  }, 30_000);

  it('that every listener fails at reject in one process too', async () => {
    const store = new NdataStore();
    closers.push(() => store.close());
    const failing = take(store, () => Promise.reject(new Error('cannot')));
    const second = take(store, () => {
      throw new Error('neither');
    });
    await expect(store.giveOrder(1)).rejects.toMatchObject({ code: 'SC_ORDER', failed: 1 });
    expect([failing.taken, second.taken]).toEqual([[1], [1]]);
  });
});
