import { encodeStored, isStoredStructure, storedToJson, toStored, decodeStored } from '../values.js';
import type { StoredValue } from '../values.js';

/** A value stays encoded until a key chain leads into it; then it becomes a branch. */
export type TreeNode = StoredValue | ListBranch | MapBranch;
export type Branch = ListBranch | MapBranch;

/**
 * Approximate memory of a map entry without its key and value (the Map's slot and two string headers, measured on V8),
 * and of a slot in a list.
 */
const entryBytes = 72;
const itemBytes = 8;
export const branchBytes = 160;

export class ListBranch {
  readonly isList = true;
  items: TreeNode[];
  /** Approximate memory with everything beneath it, maintained by the tree. */
  bytes: number;
  /** The latest moment whose snapshot has copied or visited this branch. */
  moment = 0;
  constructor(items: TreeNode[] = []) {
    this.items = items;
    this.bytes = branchBytes;
    for (const item of items) this.bytes += itemCost(item);
  }
}

export class MapBranch {
  readonly isList = false;
  /** Keys in insertion order. A Map, so that no key can reach a prototype. */
  readonly entries: Map<string, TreeNode>;
  /** Was a list until a hole appeared; reads as a list again once its keys are contiguous. */
  readonly wasList: boolean;
  /** See `ListBranch.bytes`. */
  bytes: number;
  moment = 0;
  /** One more than the highest key that is a list index; `undefined` if it must be computed. */
  nextPlace: number | undefined = undefined;
  constructor(entries = new Map<string, TreeNode>(), wasList = false) {
    this.entries = entries;
    this.wasList = wasList;
    this.bytes = branchBytes;
    for (const [key, item] of entries) this.bytes += entryCost(key) + nodeBytes(item);
  }
}

/** Approximate memory of a node, for limits. Adding and subtracting the same node cancel out. */
export function nodeBytes(node: TreeNode): number {
  return typeof node === 'string' ? node.length : node.bytes;
}

/** Approximate memory of a list item. */
export function itemCost(item: TreeNode): number {
  return nodeBytes(item) + itemBytes;
}

/** Approximate memory of a map entry without its value. */
export function entryCost(key: string): number {
  return entryBytes + key.length;
}

/** Approximate memory of a chain of new keys without the value. */
export function chainBytes(keys: readonly string[]): number {
  let bytes = 0;
  for (const key of keys) bytes += entryCost(key);
  return bytes;
}

/** Matches keys that may be list indexes. */
const indexPattern = /^(?:0|[1-9]\d{0,14})$/;

/** Returns the list index that a key stands for, or -1. */
export function indexOfKey(key: string): number {
  return indexPattern.test(key) ? Number(key) : -1;
}

/** Opens a stored value into a branch, so that its keys can be reached; `undefined` if it has none. */
export function openNode(node: TreeNode): Branch | undefined {
  if (typeof node !== 'string') return node;
  if (!isStoredStructure(node)) return undefined;
  const value = decodeStored(node);
  if (Array.isArray(value)) return new ListBranch(value.map(encodeStored));
  // An object that decodes to binary data has no keys.
  if (value instanceof Uint8Array) return undefined;
  const entries = new Map<string, TreeNode>();
  for (const [key, item] of Object.entries(value as object)) entries.set(key, encodeStored(item));
  return new MapBranch(entries);
}

/** Returns one more than the highest key of a map that is a list index. */
export function nextPlaceOf(branch: MapBranch): number {
  if (branch.nextPlace !== undefined) return branch.nextPlace;
  let next = 0;
  for (const key of branch.entries.keys()) next = Math.max(next, indexOfKey(key) + 1);
  branch.nextPlace = next;
  return next;
}

/** Returns the items of a list, or of a map that was a list and has become contiguous again. */
export function listItems(branch: Branch): TreeNode[] | undefined {
  if (branch.isList) return branch.items;
  if (!branch.wasList) return undefined;
  const { entries } = branch;
  const items: TreeNode[] = [];
  for (let i = 0; i < entries.size; i++) {
    const item = entries.get(String(i));
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** Encodes a node as one stored value. */
export function closeNode(node: TreeNode): StoredValue {
  return typeof node === 'string' ? node : nodeToJson(node);
}

export function entriesToJson(entries: Iterable<[string, TreeNode]>): StoredValue {
  let text = '';
  for (const [key, item] of entries) {
    text += `${text === '' ? '{' : ','}${toStored(JSON.stringify(key))}:${nodeToJson(item)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

export function itemsToJson(items: readonly TreeNode[]): StoredValue {
  return `[${items.map(nodeToJson).join(',')}]`;
}

function nodeToJson(node: TreeNode): StoredValue {
  if (typeof node === 'string') return storedToJson(node);
  const items = listItems(node);
  // A map that was a list and is now empty is encoded as an empty list.
  if (items !== undefined) return itemsToJson(items);
  return entriesToJson(node.isList ? [] : node.entries);
}
