import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { CommandList, NdataStore, decodeValue } from '../src/index.js';
import type { StreamPosition } from '../src/index.js';
import { PlainModel, Refusal, historyRule } from './helpers/plain-model.js';
import type { ModelPosition } from './helpers/plain-model.js';
import { randomFrom } from './helpers/random-commands.js';

const seed = Number(process.env['NDATA_SEED'] ?? Date.now() % 1_000_000);
const rounds = Number(process.env['NDATA_MODEL_ROUNDS'] ?? 10_000);
/** Memory, where there is a file system of it: the test is about what is written, not about the disk. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const roots = ['a', 'list', 'é', '__proto__'];
const children = ['x', '0', '1', '2', 'constructor'];
const channels = ['news', 'chat'];
const values = [1, -2.5, 'text é', null, true, [1, 'b', [2]], { x: 1, y: { z: [] } }, [], {}];

/** A store and the model of it, which are given the same commands. */
class Pair {
  readonly #random: (below: number) => number;
  readonly #folders: string[] = [];
  #folder: string;
  #store: NdataStore;
  #model = new PlainModel();
  #now = 1_700_000_000_000;
  /** Given once each, so that no two keys expire at the same time. */
  #ticket = 0;
  /** The model at each end of the newest log that a crash could leave. */
  #boundaries: { readonly bytes: number; readonly model: PlainModel }[] = [];
  #positions: (ModelPosition & { readonly epoch: string })[] = [];
  /** The epoch of each stream and life, as far as it was seen. */
  readonly #epochs = new Map<string, string>();
  readonly counts = { commands: 0, crashes: 0, restarts: 0, snapshots: 0 };

  constructor(random: (below: number) => number) {
    this.#random = random;
    this.#folder = this.#makeFolder();
    this.#store = this.#open();
  }

  async round(): Promise<void> {
    const pick = this.#random;
    this.#now += pick(300);
    await this.#command();
    this.counts.commands++;
    this.#boundaries.push({ bytes: statSync(this.#log()).size, model: this.#model.copy() });
    const turn = pick(60);
    if (turn === 0) await this.#compact();
    else if (turn === 1) await this.#restart();
    else if (turn < 5) await this.#crash();
  }

  async close(): Promise<void> {
    await this.#store.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  async #compact(): Promise<void> {
    await this.#store.compact();
    this.counts.snapshots++;
    this.#boundaries = [{ bytes: statSync(this.#log()).size, model: this.#model.copy() }];
  }

  async #restart(): Promise<void> {
    await this.#store.close();
    this.#store = this.#open();
    this.counts.restarts++;
    await this.#compare();
  }

  /** Ends as a killed process does, with the log up to the end of some write. */
  async #crash(): Promise<void> {
    const at = this.#boundaries[this.#random(this.#boundaries.length)]!;
    const log = this.#log();
    const copy = this.#makeFolder();
    cpSync(this.#folder, copy, { recursive: true });
    rmSync(join(copy, 'lock'), { force: true });
    await this.#store.close();
    rmSync(this.#folder, { recursive: true });
    this.#folder = copy;
    truncateSync(join(copy, log.slice(log.lastIndexOf('/') + 1)), at.bytes);
    this.#model = at.model.copy();
    this.#model.life = ++this.#lives;
    this.#store = this.#open();
    this.counts.crashes++;
    await this.#compare();
  }

  #lives = 1;

  async #compare(): Promise<void> {
    const model = this.#model;
    model.expire(this.#now);
    expect(await this.#store.getAll()).toEqual(model.all());
    for (const chain of [[], ...roots.map((root) => [root])]) {
      expect((await this.#store.keys(chain)).keys).toEqual(model.keys(chain));
    }
    for (const id of model.expiries.keys()) {
      const chain = JSON.parse(id) as string[];
      expect(await this.#store.getExpiry(chain)).toBe(model.getExpiry(chain)! / 1000);
    }
    expect(this.#store.controller.statistics().expiries).toBe(model.expiries.size);
    for (const position of this.#positions) await this.#read(position.channel, position);
  }

  async #command(): Promise<void> {
    const pick = this.#random;
    const store = this.#store;
    const model = this.#model;
    const [keys, other] = [this.#chain(), this.#chain()];
    const value = values[pick(values.length)];
    const channel = channels[pick(channels.length)]!;
    const ttlMs = pick(3) === 0 ? this.#ttl() : undefined;
    const expiresAt = ttlMs === undefined ? undefined : this.#now + ttlMs;
    const options = ttlMs === undefined ? undefined : { ttlMs };
    const by = pick(9) - 4;
    const items = [value].slice(pick(2));
    const index = pick(4);
    const count = pick(3);
    const seconds = this.#ttl() / 1000;
    model.expire(this.#now);
    const same = async (given: Promise<unknown>, wanted: () => unknown): Promise<void> => {
      const [answer] = await Promise.allSettled([given]);
      let expected: unknown;
      try {
        expected = wanted();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(answer.status).toBe('rejected');
        return;
      }
      expect(answer).toEqual({ status: 'fulfilled', value: expected });
    };
    const kinds: (() => Promise<void>)[] = [
      () => same(store.set(keys, value, options), () => model.set(keys, value, expiresAt)),
      () => same(store.set(keys, value), () => model.set(keys, value)),
      () => same(store.set([keys[0]!], [value, 1, 2]), () => model.set([keys[0]!], [value, 1, 2])),
      () => same(store.setIfAbsent(keys, value, options), () => model.setIfAbsent(keys, value, expiresAt)),
      () => same(store.get(keys), () => model.get(keys)),
      () => same(store.remove(keys), () => model.remove(keys)),
      () => same(store.remove(keys), () => model.remove(keys)),
      () => same(store.increment(keys, by), () => model.increment(keys, by)),
      () => same(store.compareAndSet(keys, value, by), () => model.compareAndSet(keys, value, by)),
      () => same(store.add(keys, value), () => model.add(keys, value)),
      () =>
        same(store.splice(keys, { index, count, items, getValue: true }), () =>
          model.splice(keys, index, count, items),
        ),
      () => same(store.pop(keys, true), () => model.pop(keys)),
      () => same(store.expire([keys], seconds), () => model.expireAt(keys, this.#now + seconds * 1000)),
      () => same(store.unexpire([keys]), () => model.unexpire(keys)),
      () =>
        same(store.transaction(new CommandList().set(keys, value, options).add(other, by).increment(keys, by)), () => {
          const before = model.copy();
          try {
            model.set(keys, value, expiresAt);
            return [undefined, model.add(other, by), model.increment(keys, by)];
          } catch (error) {
            Object.assign(model, before);
            throw error;
          }
        }),
      () => (pick(30) === 0 ? same(store.removeAll(), () => model.removeAll()) : Promise.resolve()),
      () => this.#publish(channel, value),
      () => this.#publish(channel, value),
      () => this.#publish(channel, value),
      () => this.#read(channel, undefined),
      () => same(store.trimStream(channel, { maxSize: count }), () => model.trimStream(channel, count)),
      () => (pick(10) === 0 ? same(store.removeStream(channel), () => model.removeStream(channel)) : Promise.resolve()),
    ];
    await kinds[pick(kinds.length)]!();
  }

  async #publish(channel: string, value: unknown): Promise<void> {
    const position = (await this.#store.publish(channel, value))!;
    const expected = this.#model.publish(channel, value, this.#now);
    expect(position.offset).toBe(expected.offset);
    this.#sameEpoch(position.epoch, expected);
    this.#positions.push({ ...expected, epoch: position.epoch });
    if (this.#positions.length > 12) this.#positions.splice(this.#random(this.#positions.length), 1);
  }

  async #read(channel: string, since: (ModelPosition & StreamPosition) | undefined): Promise<void> {
    const given = since && { epoch: since.epoch, offset: since.offset };
    const page = await this.#store.readStream(channel, { ...(given && { since: given }) });
    const expected = this.#model.read(channel, this.#now, since);
    const { top, recovered, reason } = page;
    const found = page.publications.map(({ payload }) => decodeValue(Buffer.from(payload)));
    expect({ top, recovered, reason }).toEqual({
      top: expected.top,
      recovered: expected.recovered,
      reason: expected.reason,
    });
    expect(found).toEqual(expected.values);
    this.#sameEpoch(page.epoch, expected);
  }

  /** One stream and life, one epoch, and another for every other. */
  #sameEpoch(epoch: string, { serial, life }: { readonly serial: number; readonly life: number }): void {
    const id = `${serial} ${life}`;
    const known = this.#epochs.get(id);
    if (known === undefined) expect([...this.#epochs.values()]).not.toContain(epoch);
    else expect(epoch).toBe(known);
    this.#epochs.set(id, epoch);
  }

  #chain(): string[] {
    const pick = this.#random;
    return [roots[pick(roots.length)]!, ...Array.from({ length: pick(3) }, () => children[pick(children.length)]!)];
  }

  #ttl(): number {
    return 1 + this.#random(10) * 100 + (this.#ticket++ % 97);
  }

  #open(): NdataStore {
    const store = new NdataStore({
      now: () => this.#now,
      sweepIntervalMs: 1_000_000_000,
      channels: { '*': { history: historyRule } },
      persist: { folder: this.#folder, fsync: 'written' },
    });
    store.on('error', (error) => {
      throw error;
    });
    this.#boundaries = [{ bytes: statSync(this.#log()).size, model: this.#model.copy() }];
    return store;
  }

  #log(): string {
    const numbers = readdirSync(this.#folder).flatMap((name) => /^log-(\d+)\.nd$/.exec(name)?.[1] ?? []);
    return join(this.#folder, `log-${Math.max(...numbers.map(Number))}.nd`);
  }

  #makeFolder(): string {
    const folder = mkdtempSync(join(base, 'ndata-model-'));
    this.#folders.push(folder);
    return folder;
  }
}

it(`a store answers and holds what a plain model does, through ${rounds} rounds of commands, snapshots, crashes at any write and restarts (seed ${seed})`, async () => {
  const pair = new Pair(randomFrom(seed));
  try {
    for (let round = 0; round < rounds; round++) await pair.round();
    expect(pair.counts.commands).toBe(rounds);
  } finally {
    await pair.close();
  }
  process.stdout.write(`seed ${seed}: ${JSON.stringify(pair.counts)}\n`);
}, 600_000);
