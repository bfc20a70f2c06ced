import { Changes } from './changes.js';
import { entryCost, nodeBytes } from './node-bytes.js';
import { ListBranch, MapBranch, indexOfKey, listItems, openNode } from './tree-node.js';
import type { Branch, TreeNode } from './tree-node.js';

/** The tree of key chains. Only this class changes nodes, and it keeps count of the memory they take. */
export class Tree {
  #root = new Map<string, TreeNode>();
  readonly #changes: Changes;
  #bytes = 0;

  constructor(changes = new Changes()) {
    this.#changes = changes;
  }

  get root(): ReadonlyMap<string, TreeNode> {
    return this.#root;
  }

  /** About how many bytes all keys and values take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The node at the end of the chain. Opens the values that the chain leads into. */
  find(keys: readonly string[]): TreeNode | undefined {
    const first = keys[0];
    if (first === undefined) return new MapBranch(this.#root);
    if (keys.length === 1) return this.#root.get(first);
    const parent = this.#walk(keys, false);
    return parent === undefined ? undefined : childOf(parent, keys[keys.length - 1] ?? '');
  }

  /** As {@link find}, with a value that has keys opened for good, so that it can be changed in place. */
  findBranch(keys: readonly string[]): Branch | undefined {
    const node = this.find(keys);
    return node === undefined ? undefined : this.#opened(keys, node);
  }

  /** Puts a node there, making the levels that lead to it. Hot path for chains of one key. */
  set(keys: readonly string[], node: TreeNode): void {
    this.#changes.beforeWrite(keys[0]);
    this.#place(keys, node);
    this.#changes.log?.set(keys, node);
  }

  /** Takes the node away and returns it. */
  remove(keys: readonly string[]): TreeNode | undefined {
    const last = keys[keys.length - 1] ?? '';
    if (keys.length === 1) {
      const node = this.#root.get(last);
      if (node === undefined) return undefined;
      this.#changes.beforeWrite(last);
      this.#changes.beforeRemoval(last);
      this.#root.delete(last);
      this.#bytes -= entryCost(last) + nodeBytes(node);
      this.#changes.log?.remove(keys);
      return node;
    }
    const parent = this.#walk(keys, false);
    const node = parent === undefined ? undefined : childOf(parent, last);
    if (parent === undefined || node === undefined) return undefined;
    this.#changes.beforeWrite(keys[0]);
    this.#take(keys, parent, last, node);
    this.#changes.log?.remove(keys);
    return node;
  }

  #take(keys: readonly string[], parent: Branch, last: string, node: TreeNode): void {
    if (!parent.isList) {
      parent.entries.delete(last);
      this.#bytes -= entryCost(last) + nodeBytes(node);
    } else if (indexOfKey(last) === parent.items.length - 1) {
      parent.items.pop();
      this.#bytes -= nodeBytes(node) + 8;
    } else {
      const holed = toMap(parent);
      holed.entries.delete(last);
      this.#place(keys.slice(0, -1), holed);
    }
  }

  /** The list at the end of the chain, opened, also if it is a map that has become a list again. */
  findList(keys: readonly string[]): ListBranch | undefined {
    const branch = this.findBranch(keys);
    if (branch === undefined || branch.isList) return branch;
    const items = listItems(branch);
    if (items === undefined) return undefined;
    this.#changes.beforeWrite(keys[0]);
    const list = new ListBranch(items);
    this.#place(keys, list);
    this.#changes.log?.becomeList(keys);
    return list;
  }

  /** Puts items in place of those from `index` on in the list at `keys` and returns the items that were there. */
  splice(
    keys: readonly string[],
    list: ListBranch,
    index: number,
    count: number,
    items: readonly TreeNode[],
  ): TreeNode[] {
    this.#changes.beforeWrite(keys[0]);
    const before = list.items;
    const from = index < 0 ? Math.max(before.length + index, 0) : Math.min(index, before.length);
    const to = from + Math.min(Math.max(count, 0), before.length - from);
    const removed = before.slice(from, to);
    // Array's own splice takes its items as arguments, and a call takes only so many of those.
    if (items.length === 0) before.splice(from, to - from);
    else list.items = [...before.slice(0, from), ...items, ...before.slice(to)];
    for (const node of removed) this.#bytes -= nodeBytes(node) + 8;
    for (const node of items) this.#bytes += nodeBytes(node) + 8;
    this.#changes.log?.splice(keys, from, to - from, items);
    return removed;
  }

  /** Adds items to the end of the list at `keys`. */
  append(keys: readonly string[], list: ListBranch, items: readonly TreeNode[]): void {
    this.#changes.beforeWrite(keys[0]);
    const at = list.items.length;
    for (const item of items) {
      list.items.push(item);
      this.#bytes += nodeBytes(item) + 8;
    }
    this.#changes.log?.splice(keys, at, 0, items);
  }

  clear(): void {
    this.#changes.beforeWrite(undefined);
    this.#changes.beforeRemoval(undefined);
    this.#root = new Map();
    this.#bytes = 0;
    this.#changes.log?.clear();
  }

  /** Sets a node without telling anybody: the same data in another form, or part of a change that is told. */
  #place(keys: readonly string[], node: TreeNode): void {
    const last = keys[keys.length - 1] ?? '';
    if (keys.length === 1) {
      const before = this.#root.get(last);
      this.#bytes += before === undefined ? entryCost(last) : -nodeBytes(before);
      this.#bytes += nodeBytes(node);
      this.#root.set(last, node);
      return;
    }
    const parent = this.#walk(keys, true);
    if (parent !== undefined) this.#put(keys, parent, last, node);
  }

  #opened(keys: readonly string[], node: TreeNode): Branch | undefined {
    if (typeof node !== 'string') return node;
    const branch = openNode(node);
    if (branch !== undefined) this.#place(keys, branch);
    return branch;
  }

  /** The branch that holds the last key, opened or made on the way. */
  #walk(keys: readonly string[], make: boolean): Branch | undefined {
    let branch: Branch = new MapBranch(this.#root);
    const way: string[] = [];
    for (let i = 0; i < keys.length - 1; i++) {
      const key = keys[i] ?? '';
      way.push(key);
      const node = childOf(branch, key);
      let next: Branch | undefined;
      if (node !== undefined) next = typeof node === 'string' ? openNode(node) : node;
      if (next === undefined) {
        if (!make) return undefined;
        next = new MapBranch();
      }
      if (next !== node) this.#put(way, branch, key, next);
      branch = next;
    }
    return branch;
  }

  /** Puts a child into a branch; a list that the key makes a hole in becomes a map. */
  #put(keys: readonly string[], branch: Branch, key: string, node: TreeNode): void {
    if (branch.isList) {
      const index = indexOfKey(key);
      if (index >= 0 && index <= branch.items.length) {
        const before = branch.items[index];
        this.#bytes += nodeBytes(node) + (before === undefined ? 8 : -nodeBytes(before));
        branch.items[index] = node;
        return;
      }
      const holed = toMap(branch);
      holed.entries.set(key, node);
      this.#place(keys.slice(0, -1), holed);
      return;
    }
    const before = branch.entries.get(key);
    this.#bytes += nodeBytes(node) + (before === undefined ? entryCost(key) : -nodeBytes(before));
    branch.entries.set(key, node);
  }
}

function childOf(branch: Branch, key: string): TreeNode | undefined {
  if (!branch.isList) return branch.entries.get(key);
  const index = indexOfKey(key);
  return index < 0 ? undefined : branch.items[index];
}

function toMap(list: ListBranch): MapBranch {
  const entries = new Map<string, TreeNode>();
  list.items.forEach((item, index) => entries.set(String(index), item));
  return new MapBranch(entries, true);
}
