import { Changes } from './changes.js';
import {
  ListBranch,
  MapBranch,
  branchBytes,
  entryCost,
  indexOfKey,
  itemCost,
  listItems,
  nodeBytes,
  openNode,
} from './tree-node.js';
import type { Branch, TreeNode } from './tree-node.js';

/**
 * The tree of key chains. Only this class changes nodes. Every branch stores its memory size, so that removing a node
 * takes time independent of the size of its subtree.
 */
export class Tree {
  #root = new MapBranch();
  readonly #changes: Changes;
  /** The branches on the way to the last key of the chain that was walked last. */
  readonly #path: Branch[] = [this.#root];

  constructor(changes = new Changes()) {
    this.#changes = changes;
  }

  get root(): ReadonlyMap<string, TreeNode> {
    return this.#root.entries;
  }

  /** The branch of the root keys. `clear` replaces it. */
  get top(): MapBranch {
    return this.#root;
  }

  /** Approximate memory of all keys and values in bytes. */
  get bytes(): number {
    return this.#root.bytes - branchBytes;
  }

  /** Returns the node at the chain. Opens the values that the chain leads into. */
  find(keys: readonly string[]): TreeNode | undefined {
    const first = keys[0];
    if (first === undefined) return this.#root;
    if (keys.length === 1) return this.#root.entries.get(first);
    const parent = this.#walk(keys, false);
    return parent === undefined ? undefined : childOf(parent, keys[keys.length - 1] ?? '');
  }

  /** Like {@link find}, but opens a value with keys permanently, so that it can be changed in place. */
  findBranch(keys: readonly string[]): Branch | undefined {
    const node = this.find(keys);
    if (typeof node !== 'string') return node;
    const branch = openNode(node);
    if (branch !== undefined) this.#place(keys, branch);
    return branch;
  }

  /** Sets the node at the chain and creates missing levels. Hot path for chains of one key. */
  set(keys: readonly string[], node: TreeNode): void {
    this.#place(keys, node);
    this.#changes.log?.set(keys, node);
  }

  /** Removes the node and returns it. */
  remove(keys: readonly string[]): TreeNode | undefined {
    const parent = this.#walk(keys, false);
    const node = parent === undefined ? undefined : childOf(parent, keys[keys.length - 1] ?? '');
    if (parent === undefined || node === undefined) return undefined;
    this.#take(keys, parent, node);
    this.#changes.log?.remove(keys);
    return node;
  }

  /** Removes entries from the map at the chain, in one walk. */
  removeEntries(keys: readonly string[], branch: MapBranch, names: readonly string[]): void {
    const parents = this.#pathTo(keys);
    const before = branch.bytes;
    for (const name of names) {
      const node = branch.entries.get(name);
      if (node === undefined) continue;
      const chain = [...keys, name];
      this.#dropEntry(branch, name, node, chain);
      this.#changes.log?.remove(chain);
    }
    this.#grow(parents, branch.bytes - before);
  }

  /** Returns the opened list at the chain. Converts a map that has become a list again. */
  findList(keys: readonly string[]): ListBranch | undefined {
    const branch = this.findBranch(keys);
    if (branch === undefined || branch.isList) return branch;
    const items = listItems(branch);
    if (items === undefined) return undefined;
    const list = new ListBranch(items);
    this.#place(keys, list);
    this.#changes.log?.becomeList(keys);
    return list;
  }

  /** Replaces `count` items of the list at `keys`, from `index` on. Returns the removed items. */
  splice(
    keys: readonly string[],
    list: ListBranch,
    index: number,
    count: number,
    items: readonly TreeNode[],
  ): TreeNode[] {
    const { length } = list.items;
    const from = index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
    const to = from + Math.min(Math.max(count, 0), length - from);
    const path = [...this.#pathTo(keys), list];
    const removed = this.#replaceItems(path, list, from, to, items);
    this.#changes.undo?.push(() => void this.#replaceItems(path, list, from, from + items.length, removed));
    this.#changes.log?.splice(keys, from, to - from, items);
    return removed;
  }

  /** Adds items to the end of the list at `keys`. */
  append(keys: readonly string[], list: ListBranch, items: readonly TreeNode[]): void {
    const at = list.items.length;
    const path = [...this.#pathTo(keys), list];
    this.#replaceItems(path, list, at, at, items);
    this.#changes.undo?.push(() => void this.#replaceItems(path, list, at, at + items.length, []));
    this.#changes.log?.splice(keys, at, 0, items);
  }

  clear(): void {
    const root = this.#root;
    this.#setRoot(new MapBranch());
    this.#changes.undo?.push(() => this.#setRoot(root));
    this.#changes.log?.clear();
  }

  #setRoot(root: MapBranch): void {
    this.#root = root;
    this.#path.length = 0;
    this.#path.push(root);
  }

  /** Sets a node without logging: the same data in another form, or part of a change that is logged. */
  #place(keys: readonly string[], node: TreeNode): void {
    if (keys.length === 1) this.#path.length = 1;
    else this.#walk(keys, true);
    this.#put(keys, keys.length - 1, node);
  }

  /** Returns the branch that holds the last key. Opens values on the way; with `make`, creates missing branches. */
  #walk(keys: readonly string[], make: boolean): Branch | undefined {
    const path = this.#path;
    path.length = 1;
    let branch: Branch = this.#root;
    for (let depth = 0; depth < keys.length - 1; depth++) {
      const node = childOf(branch, keys[depth] ?? '');
      let next: Branch | undefined;
      if (node !== undefined) next = typeof node === 'string' ? openNode(node) : node;
      if (next === undefined) {
        if (!make) return undefined;
        next = new MapBranch();
      }
      if (next !== node) this.#put(keys, depth, next);
      path.push(next);
      branch = next;
    }
    return branch;
  }

  /** Sets a child of the branch at this depth of the path. A list in which the key would leave a hole becomes a map. */
  #put(keys: readonly string[], depth: number, node: TreeNode): void {
    const path = this.#path;
    const branch = path[depth];
    const key = keys[depth] ?? '';
    if (branch === undefined) return;
    if (branch.isList) {
      const index = indexOfKey(key);
      if (index < 0 || index > branch.items.length) {
        const holed = toMap(branch);
        this.#put(keys, depth - 1, holed);
        path[depth] = holed;
        this.#put(keys, depth, node);
        return;
      }
    }
    const before = this.#setChild(branch, key, node);
    const growth = nodeBytes(node) - (before === undefined ? 0 : nodeBytes(before));
    const cost = before === undefined ? newCost(branch, key) : 0;
    // Up to `depth` only: a walk builds the rest of the path afterwards.
    for (let i = 0; i <= depth; i++) {
      const each = path[i];
      if (each !== undefined) each.bytes += growth + cost;
    }
    const { undo } = this.#changes;
    if (undo === undefined) return;
    const way = path.slice(0, depth + 1);
    undo.push(() => {
      if (before === undefined) this.#dropChild(branch, key);
      else this.#setChild(branch, key, before);
      this.#grow(way, -growth - cost);
    });
  }

  /** Hot path. Returns the previous node. */
  #setChild(branch: Branch, key: string, node: TreeNode): TreeNode | undefined {
    this.#changes.beforeBranch(branch);
    if (branch.isList) {
      const index = indexOfKey(key);
      const before = branch.items[index];
      branch.items[index] = node;
      return before;
    }
    const before = branch.entries.get(key);
    branch.entries.set(key, node);
    if (before === undefined && branch.nextPlace !== undefined) {
      branch.nextPlace = Math.max(branch.nextPlace, indexOfKey(key) + 1);
    }
    return before;
  }

  /** Removes a key from a map, or the last item from a list. */
  #dropChild(branch: Branch, key: string): void {
    this.#changes.beforeBranch(branch);
    if (branch.isList) {
      branch.items.pop();
      return;
    }
    branch.entries.delete(key);
    if (branch.nextPlace === indexOfKey(key) + 1) branch.nextPlace = undefined;
  }

  #take(keys: readonly string[], parent: Branch, node: TreeNode): void {
    const last = keys[keys.length - 1] ?? '';
    const path = this.#path;
    if (parent.isList && indexOfKey(last) !== parent.items.length - 1) {
      const holed = toMap(parent, last);
      this.#put(keys, keys.length - 2, holed);
      return;
    }
    if (!parent.isList) {
      this.#dropEntry(parent, last, node, keys);
      const cost = nodeBytes(node) + entryCost(last);
      for (let i = 0; i < keys.length - 1; i++) {
        const each = path[i];
        if (each !== undefined) each.bytes -= cost;
      }
      return;
    }
    const cost = itemCost(node);
    this.#dropChild(parent, last);
    this.#grow(path, -cost);
    const { undo } = this.#changes;
    if (undo === undefined) return;
    const way = [...path];
    undo.push(() => {
      this.#setChild(parent, last, node);
      this.#grow(way, cost);
    });
  }

  /** Removes an entry from a map. The caller subtracts its memory from the branches above. */
  #dropEntry(branch: MapBranch, key: string, node: TreeNode, keys: readonly string[]): void {
    const cost = nodeBytes(node) + entryCost(key);
    this.#dropChild(branch, key);
    branch.bytes -= cost;
    const { undo } = this.#changes;
    if (undo === undefined) return;
    const parents = this.#pathTo(keys).slice(0, -1);
    undo.removed(keys);
    undo.push(() => {
      this.#setChild(branch, key, node);
      branch.bytes += cost;
      this.#grow(parents, cost);
    });
  }

  /** Returns the removed items. `path` leads to the list and ends with it. */
  #replaceItems(
    path: readonly Branch[],
    list: ListBranch,
    from: number,
    to: number,
    items: readonly TreeNode[],
  ): TreeNode[] {
    this.#changes.beforeBranch(list);
    const before = list.items;
    const removed = before.slice(from, to);
    // `Array.prototype.splice` takes the items as arguments, whose number is limited.
    if (items.length === 0) before.splice(from, to - from);
    else if (from === before.length) for (const item of items) before.push(item);
    else list.items = [...before.slice(0, from), ...items, ...before.slice(to)];
    let growth = 0;
    for (const node of removed) growth -= itemCost(node);
    for (const node of items) growth += itemCost(node);
    this.#grow(path, growth);
    return removed;
  }

  /** Returns the branches on the way to the last key of the chain. */
  #pathTo(keys: readonly string[]): readonly Branch[] {
    this.#walk(keys, false);
    return [...this.#path];
  }

  #grow(path: readonly Branch[], bytes: number): void {
    for (const branch of path) branch.bytes += bytes;
  }
}

function childOf(branch: Branch, key: string): TreeNode | undefined {
  if (!branch.isList) return branch.entries.get(key);
  const index = indexOfKey(key);
  return index < 0 ? undefined : branch.items[index];
}

function newCost(branch: Branch, key: string): number {
  return branch.isList ? itemCost('') : entryCost(key);
}

/** Converts a list to a map, optionally without one index. */
function toMap(list: ListBranch, without?: string): MapBranch {
  const entries = new Map<string, TreeNode>();
  list.items.forEach((item, index) => entries.set(String(index), item));
  if (without !== undefined) entries.delete(without);
  return new MapBranch(entries, true);
}
