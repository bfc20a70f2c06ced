import { expect, it } from '@jest/globals';
import { randomOf } from 'sc-testkit';
import type { MemberChange, MemberView } from '../src/index.js';
import { VirtualClock } from './helpers/virtual-clock.js';
import { VirtualStore, VirtualWorker } from './helpers/virtual-presence.js';

/** How many runs; `PRESENCE_RUNS` and `SEED` in the environment change that. */
const count = Number(process.env['PRESENCE_RUNS'] ?? 500);
const firstSeed = Number(process.env['SEED'] ?? 1);

const graceMs = 2000;
/** Time in which every list must be right after the last event: the grace, and a second for messages and links. */
const convergenceMs = graceMs + 1000;
const channel = 'room';

interface PlainSocket {
  readonly socket: string;
  readonly at: number;
  readonly joinedAt: number;
  worker: VirtualWorker;
  info: number;
}

/** The plain map beside the real thing. */
interface PlainUser {
  readonly sockets: PlainSocket[];
  /** Since when it has had a socket all the time. */
  presentSince: number | undefined;
  /** When its last socket was lost, and whether one of them left by itself since it had joined. */
  lostAt: number;
  hasLeft: boolean;
  /** The same before it joined last: a join that is lost at once may never have reached the store. */
  before: { lostAt: number; hasLeft: boolean };
  joinedAt: number;
}

/** Time in which a join reaches the store, whatever its link does. */
const reachesMs = 900;

class Run {
  readonly clock = new VirtualClock();
  readonly random: () => number;
  readonly store: VirtualStore;
  readonly workers: VirtualWorker[];
  readonly users = new Map<string, PlainUser>();
  readonly broken: string[] = [];
  readonly views = new Map<VirtualWorker, MemberView>();
  /** When the link of a worker was cut. */
  readonly cuts = new Map<VirtualWorker, number>();
  changes = 0;
  #sockets = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.store = new VirtualStore(this.clock, graceMs);
    this.workers = [this.#spawn(), this.#spawn(), this.#spawn()];
    for (const user of ['ada', 'bob', 'eve', 'mia']) {
      const before = { lostAt: -Infinity, hasLeft: false };
      this.users.set(user, { sockets: [], presentSince: undefined, ...before, before, joinedAt: -Infinity });
    }
  }

  step(): void {
    const dice = this.random();
    const [user, plain] = this.#one([...this.users]);
    if (dice < 0.4) this.#join(user, plain);
    else if (dice < 0.5) this.#end(user, plain, 'left');
    else if (dice < 0.7) this.#end(user, plain, 'lost');
    else if (dice < 0.76) this.#update(user, plain);
    else if (dice < 0.86) this.#cut(this.#one(this.workers));
    else if (dice < 0.93) this.#restartStore();
    else this.#killWorker();
    // At least a moment: of two infos that different processes give in one millisecond, either may count.
    this.clock.pass(1 + (this.random() < 0.7 ? this.random() * (this.random() < 0.2 ? 3000 : 200) : 0));
  }

  finish(): void {
    this.clock.pass(convergenceMs);
    const expected = [...this.users]
      .filter(([, { sockets }]) => sockets.length > 0)
      .map(
        ([user, { sockets }]) => `${user} ${sockets.reduce((newest, one) => (one.at > newest.at ? one : newest)).info}`,
      )
      .sort()
      .join();
    for (const worker of this.workers) {
      const listed = this.views
        .get(worker)
        ?.list()
        .map(({ user, info }) => `${user} ${String(info)}`);
      if (listed?.sort().join() !== expected) this.broken.push(`a list has ${String(listed)}, not ${expected}`);
    }
  }

  #spawn(): VirtualWorker {
    const worker = new VirtualWorker(this.clock, this.store, this.random);
    const present = new Set<string>();
    worker.lane.watches.open(channel, {
      opened: (view) => {
        this.views.set(worker, view);
        for (const { user } of view.list()) present.add(user);
      },
      changed: (change) => this.#check(change, present),
      refused: (error) => this.broken.push(error.message),
    });
    return worker;
  }

  #check({ joins, leaves, updates }: MemberChange, present: Set<string>): void {
    this.changes++;
    const now = this.clock.now();
    for (const { user } of joins) {
      if (present.has(user)) this.broken.push(`${user} joined twice`);
      present.add(user);
    }
    for (const { user } of updates) if (!present.has(user)) this.broken.push(`${user} changed but is no member`);
    for (const { user } of leaves) {
      if (!present.delete(user)) this.broken.push(`${user} left twice`);
      const { presentSince, lostAt, hasLeft } = this.users.get(user)!;
      const isFlicker =
        presentSince === undefined
          ? !hasLeft && now < lostAt + graceMs - reachesMs
          : now > presentSince + convergenceMs;
      if (isFlicker) this.broken.push(`${user} left at ${now} though it was there`);
    }
  }

  #join(user: string, plain: PlainUser): void {
    if (plain.sockets.length === 3) return;
    const socket: PlainSocket = {
      socket: `socket ${++this.#sockets}`,
      at: this.#sockets,
      joinedAt: this.clock.now(),
      worker: this.#one(this.workers),
      info: this.#sockets,
    };
    plain.sockets.push(socket);
    const isBack =
      plain.presentSince === undefined && !plain.hasLeft && this.clock.now() < plain.lostAt + graceMs - 450;
    if (plain.presentSince === undefined) {
      plain.before = { lostAt: plain.lostAt, hasLeft: plain.hasLeft };
      plain.joinedAt = this.clock.now();
    }
    // One that comes back within its grace was there all the time; the links need some of it.
    if (isBack) plain.presentSince = -Infinity;
    plain.presentSince ??= this.clock.now();
    plain.hasLeft = false;
    socket.worker.lane.hold({ channel, user, socket: socket.socket, info: socket.info });
  }

  #end(user: string, plain: PlainUser, end: 'left' | 'lost'): void {
    const [socket] = plain.sockets.splice(Math.floor(this.random() * plain.sockets.length), 1);
    if (socket === undefined) return;
    this.#ended(plain, end);
    void socket.worker.lane.end(channel, user, socket.socket, end);
  }

  #ended(plain: PlainUser, end: 'left' | 'lost'): void {
    if (end === 'left') plain.hasLeft = plain.before.hasLeft = true;
    if (plain.sockets.length > 0) {
      // A store that knows of no other socket at this moment sees the user leave, and join again.
      const from = this.clock.now() - reachesMs;
      const isKnown = plain.sockets.some((one) => one.joinedAt < from && (this.cuts.get(one.worker) ?? 0) < from);
      if (end === 'left' && !isKnown) plain.presentSince = this.clock.now();
      return;
    }
    plain.presentSince = undefined;
    plain.lostAt = this.clock.now();
    if (end === 'lost' && this.clock.now() < plain.joinedAt + reachesMs) Object.assign(plain, plain.before);
  }

  #update(user: string, plain: PlainUser): void {
    const index = Math.floor(this.random() * plain.sockets.length);
    const socket = plain.sockets[index];
    if (socket === undefined) return;
    const at = ++this.#sockets;
    plain.sockets[index] = { ...socket, info: at, at };
    socket.worker.lane.hold({ channel, user, socket: socket.socket, info: at });
  }

  #cut(worker: VirtualWorker): void {
    this.cuts.set(worker, this.clock.now());
    worker.cut();
  }

  #restartStore(): void {
    this.store.kill();
    for (const worker of this.workers) worker.cut();
    this.clock.pass(this.random() * 200);
    this.store.start();
  }

  #killWorker(): void {
    const index = Math.floor(this.random() * this.workers.length);
    const [dead] = this.workers.splice(index, 1, this.#spawn());
    if (dead === undefined) return;
    dead.kill();
    this.views.delete(dead);
    for (const plain of this.users.values()) {
      const before = plain.sockets.length;
      plain.sockets.splice(0, before, ...plain.sockets.filter(({ worker }) => worker !== dead));
      if (plain.sockets.length === before) continue;
      this.#ended(plain, 'lost');
      // One that died without a link was lost when the link was.
      if (plain.sockets.length === 0) plain.lostAt = Math.min(plain.lostAt, this.#goneSince(dead));
    }
  }

  #goneSince(worker: VirtualWorker): number {
    const cutAt = this.cuts.get(worker) ?? -Infinity;
    return cutAt > this.clock.now() - reachesMs ? cutAt : this.clock.now();
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }
}

it(
  'every list converges, and no user leaves who is there, whatever links, workers and stores do',
  () => {
    let changes = 0;
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const run = new Run(seed);
      run.clock.pass(500);
      for (let i = 0; i < 60; i++) run.step();
      run.finish();
      changes += run.changes;
      if (run.broken.length > 0) throw new Error(`Seed ${seed}: ${run.broken.slice(0, 5).join('; ')}`);
    }
    expect(changes).toBeGreaterThan(count);
  },
  Math.max(120_000, count * 200),
);
