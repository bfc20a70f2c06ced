import { isDeepStrictEqual } from 'node:util';

/** The value of a key: a value without keys, a list, or a map with its keys in order. */
type Node = { value: unknown } | { items: Node[] } | { entries: Map<string, Node>; holed: boolean };
type MapNode = Extract<Node, { holed: boolean }>;

interface ModelStream {
  /** Tells it from every other stream, as its epoch does. */
  readonly serial: number;
  readonly lives: [life: number, from: number][];
  top: number;
  entries: { offset: number; at: number; value: unknown }[];
}

/** A position, as far as the model knows: it does not choose epochs. */
export interface ModelPosition {
  readonly channel: string;
  readonly serial: number;
  readonly life: number;
  readonly offset: number;
}

export interface ModelPage {
  readonly serial: number;
  readonly life: number;
  readonly top: number;
  readonly recovered: boolean;
  readonly reason?: string;
  readonly values: unknown[];
}

export const historyRule = { size: 5, ageMs: 20_000 };

/** A command that the store answers with an error. */
export class Refusal extends Error {}

/**
 * A model of the contents and answers of a store, written from the documentation of the commands: no bytes, no log, no
 * code shared with the product.
 */
export class PlainModel {
  root: MapNode = { entries: new Map(), holed: false };
  /** By chain as JSON. */
  expiries = new Map<string, number>();
  streams = new Map<string, ModelStream>();
  life = 1;
  static serials = 0;

  copy(): PlainModel {
    const copy = new PlainModel();
    const { root, expiries, streams, life } = this;
    return Object.assign(copy, structuredClone({ root, expiries, streams, life }));
  }

  /** Before each command: what is due goes, the earliest first. */
  expire(now: number): void {
    const due = [...this.expiries].filter(([, at]) => at <= now).sort((a, b) => a[1] - b[1]);
    for (const [id] of due) if (this.expiries.has(id)) this.remove(JSON.parse(id) as string[]);
  }

  all(): unknown {
    return toJson(this.root);
  }

  get(keys: string[]): unknown {
    const node = this.#find(keys);
    return node && toJson(node);
  }

  keys(keys: string[]): string[] {
    const node = keys.length === 0 ? this.root : this.#find(keys);
    if (node === undefined || 'value' in node) return [];
    return 'items' in node ? node.items.map((_item, i) => String(i)) : [...node.entries.keys()];
  }

  set(keys: string[], value: unknown, expiresAt?: number): void {
    this.#put(keys, fromJson(value));
    if (expiresAt !== undefined) this.expiries.set(JSON.stringify(keys), expiresAt);
  }

  setIfAbsent(keys: string[], value: unknown, expiresAt?: number): boolean {
    if (this.#find(keys) !== undefined) return false;
    this.expiries.delete(JSON.stringify(keys));
    this.set(keys, value, expiresAt);
    return true;
  }

  compareAndSet(keys: string[], expected: unknown, value: unknown): boolean {
    if (!isSameJson(this.get(keys), expected)) return false;
    this.set(keys, value);
    return true;
  }

  remove(keys: string[]): void {
    for (const id of this.expiries.keys()) {
      const chain = JSON.parse(id) as string[];
      if (keys.every((key, i) => chain[i] === key)) this.expiries.delete(id);
    }
    this.#take(keys);
  }

  removeAll(): void {
    this.root = { entries: new Map(), holed: false };
    this.expiries.clear();
  }

  increment(keys: string[], by: number): number {
    const before = this.#find(keys) ?? { value: 0 };
    if (!('value' in before) || typeof before.value !== 'number') throw new Refusal();
    this.#put(keys, { value: before.value + by });
    return before.value + by;
  }

  add(keys: string[], value: unknown): number {
    const item = fromJson(value);
    const before = this.#findList(keys);
    if (before === undefined || 'value' in before) {
      this.#put(keys, { items: before === undefined ? [item] : [before, item] });
      return before === undefined ? 0 : 1;
    }
    if ('items' in before) return before.items.push(item) - 1;
    const next = Math.max(-1, ...[...before.entries.keys()].filter(isPlace).map(Number)) + 1;
    before.entries.set(String(next), item);
    return next;
  }

  splice(keys: string[], index: number, count: number, items: unknown[]): unknown[] {
    const list = this.#findList(keys);
    if (list === undefined) {
      if (items.length > 0) this.#put(keys, { items: items.map(fromJson) });
      return [];
    }
    if (!('items' in list)) throw new Refusal();
    return list.items.splice(index, count, ...items.map(fromJson)).map(toJson);
  }

  pop(keys: string[]): unknown[] {
    const node = this.#findList(keys);
    if (node === undefined || 'value' in node) return [];
    if ('items' in node) return node.items.splice(-1, 1).map(toJson);
    const last = [...node.entries.keys()].at(-1);
    if (last === undefined) return [];
    const item = node.entries.get(last)!;
    node.entries.delete(last);
    return [toJson(item)];
  }

  getExpiry(keys: string[]): number | undefined {
    return this.expiries.get(JSON.stringify(keys));
  }

  expireAt(keys: string[], at: number): void {
    this.expiries.set(JSON.stringify(keys), at);
  }

  unexpire(keys: string[]): void {
    this.expiries.delete(JSON.stringify(keys));
  }

  publish(channel: string, value: unknown, now: number): ModelPosition {
    const stream = this.#open(channel);
    stream.top++;
    if (stream.lives.at(-1)![0] !== this.life) stream.lives.push([this.life, stream.top]);
    stream.entries.push({ offset: stream.top, at: now, value });
    trim(stream, now);
    return { channel, serial: stream.serial, life: this.life, offset: stream.top };
  }

  /** Publications after a position; without one, the newest publications. */
  read(channel: string, now: number, since?: ModelPosition): ModelPage {
    const stream = this.#open(channel);
    trim(stream, now);
    const { serial, top, entries, lives } = stream;
    const head = { serial, life: lives.at(-1)![0], top };
    const reason = since && this.#gap(stream, since);
    const isAfter = since !== undefined && reason === undefined;
    const read = isAfter ? entries.filter(({ offset }) => offset > since.offset) : entries;
    return {
      ...head,
      recovered: isAfter,
      ...(reason !== undefined && { reason }),
      values: read.map(({ value }) => value),
    };
  }

  trimStream(channel: string, size: number): void {
    const stream = this.streams.get(channel);
    if (stream !== undefined) stream.entries = size === 0 ? [] : stream.entries.slice(-size);
  }

  removeStream(channel: string): boolean {
    return this.streams.delete(channel);
  }

  #gap({ serial, lives, top, entries }: ModelStream, since: ModelPosition): string | undefined {
    const { life, offset } = since;
    const known = lives.slice(-16);
    if (since.serial !== serial || life < known[0]![0]) return 'epoch';
    if (known.some(([later, from]) => later > life && from <= offset)) return 'forked';
    if (offset > top) return life === this.life ? 'ahead' : 'forked';
    return offset < top - entries.length ? 'trimmed' : undefined;
  }

  #open(channel: string): ModelStream {
    let stream = this.streams.get(channel);
    if (stream === undefined) {
      stream = { serial: ++PlainModel.serials, lives: [[this.life, 1]], top: 0, entries: [] };
      this.streams.set(channel, stream);
    }
    return stream;
  }

  #find(keys: string[]): Node | undefined {
    return keys.reduce<Node | undefined>((node, key) => node && childOf(node, key), this.root);
  }

  /** As `#find`, after a map without holes that was a list is one again. */
  #findList(keys: string[]): Node | undefined {
    const node = this.#find(keys);
    const items = node && 'holed' in node ? itemsOf(node) : undefined;
    if (items === undefined) return node;
    this.#put(keys, { items });
    return { items };
  }

  #put(keys: string[], node: Node): void {
    let parent: Node = this.root;
    keys.forEach((key, i) => {
      const isLast = i === keys.length - 1;
      if ('items' in parent && !(isPlace(key) && Number(key) <= parent.items.length)) {
        const holed = toHoled(parent.items);
        this.#put(keys.slice(0, i), holed);
        parent = holed;
      }
      let child = isLast ? node : childOf(parent, key);
      if (child === undefined || (!isLast && 'value' in child)) child = { entries: new Map(), holed: false };
      if ('items' in parent) parent.items[Number(key)] = child;
      else if ('entries' in parent) parent.entries.set(key, child);
      parent = child;
    });
  }

  #take(keys: string[]): void {
    const last = keys.at(-1)!;
    const parent = keys.length === 1 ? this.root : this.#find(keys.slice(0, -1));
    if (parent === undefined || childOf(parent, last) === undefined) return;
    if ('entries' in parent) {
      parent.entries.delete(last);
    } else if ('items' in parent) {
      if (Number(last) === parent.items.length - 1) {
        parent.items.pop();
        return;
      }
      const holed = toHoled(parent.items);
      holed.entries.delete(last);
      this.#put(keys.slice(0, -1), holed);
    }
  }
}

function trim(stream: ModelStream, now: number): void {
  stream.entries = stream.entries.slice(-historyRule.size).filter(({ at }) => now - at <= historyRule.ageMs);
}

function toHoled(items: Node[]): MapNode {
  return { entries: new Map(items.map((item, i) => [String(i), item])), holed: true };
}

/** The items of a map that was a list and has no hole. */
function itemsOf({ entries, holed }: MapNode): Node[] | undefined {
  if (!holed) return undefined;
  const items = Array.from({ length: entries.size }, (_, i) => entries.get(String(i)));
  return items.every((item) => item !== undefined) ? items : undefined;
}

function childOf(node: Node, key: string): Node | undefined {
  if ('entries' in node) return node.entries.get(key);
  return 'items' in node && isPlace(key) ? node.items[Number(key)] : undefined;
}

function isPlace(key: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(key);
}

function fromJson(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(fromJson) };
  if (typeof value !== 'object' || value === null) return { value };
  return { entries: new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)])), holed: false };
}

function toJson(node: Node): unknown {
  if ('value' in node) return node.value;
  const items = 'items' in node ? node.items : itemsOf(node);
  if (items !== undefined) return items.map(toJson);
  const entries = [...('entries' in node ? node.entries : [])].map(([key, item]) => [key, toJson(item)] as const);
  return Object.fromEntries(entries);
}

/** Compares as JSON, because values copied in another realm than the test have other prototypes. */
function isSameJson(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
