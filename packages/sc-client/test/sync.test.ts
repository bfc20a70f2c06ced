import { describe, expect, it } from '@jest/globals';
import { ChannelSet, type SCChannel } from 'sc-channel';
import { randomOf, waitFor } from 'sc-testkit';
import { type Snapshot, type SyncOptions, type Synced, sync } from '../src/sync.js';

/** A list that grows on a server, its channel, and one client of it whose connection may be away. */
class List {
  readonly all: number[] = [];
  epoch = 's.1';
  /** Offset of the oldest publication that is kept. */
  kept = 1;
  isConnected = true;
  readonly #set: ChannelSet;
  readonly channel: SCChannel<number>;

  constructor() {
    this.#set = new ChannelSet({
      requestSubscribe: ({ name, position }) => queueMicrotask(() => this.#accept(name, position)),
      requestUnsubscribe: () => undefined,
      publish: () => Promise.resolve(),
      history: (_name, { since }) => {
        const recovered = since?.epoch === this.epoch && since.offset >= this.kept - 1;
        const publications = this.#since(since?.offset ?? 0).slice(0, 3);
        const hasMore = (publications.at(-1)?.offset ?? this.all.length) < this.all.length;
        return Promise.resolve({ publications, position: this.position, recovered, hasMore });
      },
      reportError: (error) => {
        throw error;
      },
    });
    this.channel = this.#set.channel('list');
  }

  get position(): { epoch: string; offset: number } {
    return { epoch: this.epoch, offset: this.all.length };
  }

  add(): void {
    this.all.push(this.all.length + 1);
    if (this.isConnected) this.#set.deliver('list', this.all.length, { offset: this.all.length });
  }

  cut(): void {
    this.isConnected = false;
    this.#set.lost();
  }

  return(): void {
    this.isConnected = true;
    for (const { name, position } of this.#set.pendingInOrder()) this.#accept(name, position);
  }

  #since(offset: number): { offset: number; at: number; data: number }[] {
    return this.all.slice(offset).map((data, i) => ({ offset: offset + i + 1, at: 0, data }));
  }

  #accept(name: string, since: { epoch: string; offset: number } | undefined): void {
    if (!this.isConnected) return;
    const recovered = since && since.epoch === this.epoch && since.offset >= this.kept - 1;
    const missed = recovered ? this.#since(since.offset) : [];
    const told = since && { recovered, ...(!recovered && { reason: 'trimmed' }) };
    this.#set.subscribed(name, { ...this.position, ...told, missed: missed.length });
    for (const { offset, data } of missed) this.#set.deliver(name, data, { offset });
  }
}

function follow(list: List, more: Partial<SyncOptions<number[], number>> = {}): Synced<number[]> {
  return sync<number[], number>(list.channel, {
    load: () => ({ state: [...list.all], position: list.position }),
    apply: (state, change) => [...state, change],
    maxDelayMs: 1,
    ...more,
  });
}

const live = (synced: Synced<unknown>): Promise<unknown> =>
  waitFor(() => synced.isLive, { what: 'the state to be live' });

describe('sync', () => {
  it('loads once it is subscribed, and applies what comes then', async () => {
    const list = new List();
    list.add();
    const synced = follow(list);
    expect([synced.state, synced.isLive]).toEqual([undefined, false]);
    const seen: unknown[] = [];
    synced.watch((state) => seen.push(state));
    await live(synced);
    list.add();
    expect(seen).toEqual([[1], [1, 2]]);
    synced.stop();
    list.add();
    expect([seen.length, list.channel.state]).toEqual([2, 'unsubscribed']);
  });

  it('holds changes while it loads, and drops those that the snapshot has', async () => {
    const list = new List();
    let answer: ((snapshot: Snapshot<number[]>) => void) | undefined;
    const synced = follow(list, { load: () => new Promise((resolve) => (answer = resolve)) });
    await waitFor(() => list.channel.isSubscribed() && answer !== undefined, { what: 'the subscription and the load' });
    list.add();
    const snapshot = { state: [...list.all], position: list.position };
    list.add();
    answer?.(snapshot);
    await live(synced);
    expect(synced.state).toEqual([1, 2]);
    synced.stop();
  });

  it('fetches what a snapshot lacks that is older than the subscription', async () => {
    const list = new List();
    const old = { state: [], position: list.position };
    for (let i = 0; i < 8; i++) list.add();
    const synced = follow(list, { load: () => old });
    await live(synced);
    expect(synced.state).toEqual(list.all);
    synced.stop();
  });

  it('loads again when a snapshot is too old to be completed', async () => {
    const list = new List();
    const old = { state: [], position: list.position };
    for (let i = 0; i < 8; i++) list.add();
    list.kept = 5;
    let loads = 0;
    const synced = follow(list, {
      load: () => (++loads === 1 ? old : { state: [...list.all], position: list.position }),
    });
    await live(synced);
    expect([synced.state, loads]).toEqual([list.all, 2]);
    synced.stop();
  });

  it('takes what it missed from the channel, and loads again only when that is gone', async () => {
    const list = new List();
    let loads = 0;
    const synced = follow(list, { load: () => (loads++, { state: [...list.all], position: list.position }) });
    await live(synced);
    list.cut();
    list.add();
    list.return();
    expect([synced.state, loads]).toEqual([[1], 1]);
    list.cut();
    list.add();
    list.kept = 3;
    list.return();
    await live(synced);
    expect([synced.state, loads]).toEqual([[1, 2], 2]);
    synced.stop();
  });

  it('goes on from a state that came with the page, without a load', async () => {
    const list = new List();
    list.add();
    const initial = { state: [...list.all], position: list.position };
    list.add();
    const synced = follow(list, { initial, load: () => Promise.reject(new Error('Not needed')) });
    expect(synced.state).toEqual([1]);
    await waitFor(() => synced.state?.length === 2, { what: 'the missed change' });
    list.add();
    expect([synced.state, synced.isLive]).toEqual([[1, 2, 3], true]);
    synced.stop();
  });

  it('loads when the state that came with the page is too old', async () => {
    const list = new List();
    const initial = { state: [], position: list.position };
    for (let i = 0; i < 3; i++) list.add();
    list.kept = 3;
    const synced = follow(list, { initial });
    await live(synced);
    expect(synced.state).toEqual(list.all);
    synced.stop();
  });

  it('tries again after a load that failed, and tells of it', async () => {
    const list = new List();
    const errors: unknown[] = [];
    let loads = 0;
    const synced = follow(list, {
      onError: (error) => errors.push((error as Error).message),
      load: () => {
        if (++loads < 3) throw new Error(`No ${loads}`);
        return { state: [], position: list.position };
      },
    });
    await live(synced);
    expect(errors).toEqual(['No 1', 'No 2']);
    synced.stop();
  });

  it('equals the list whatever happens in whatever order', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomOf(seed);
      const list = new List();
      const pause = (): Promise<void> =>
        random() < 0.5 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, random() * 2));
      const synced = follow(list, {
        async load() {
          await pause();
          const { position } = list;
          const state = [...list.all];
          await pause();
          if (random() < 0.1) throw new Error('The load failed');
          return { state, position };
        },
        onError: () => undefined,
        ...(random() < 0.3 && { initial: { state: [], position: list.position } }),
      });
      for (let step = 0; step < 20; step++) {
        const dice = random();
        if (dice < 0.6) list.add();
        else if (dice < 0.7) list.cut();
        else if (dice < 0.9 && !list.isConnected) list.return();
        else if (dice < 0.95) list.kept = Math.max(list.kept, list.all.length - 2);
        await pause();
      }
      if (!list.isConnected) list.return();
      await live(synced);
      expect({ seed, state: synced.state }).toEqual({ seed, state: list.all });
      synced.stop();
    }
  });
});
