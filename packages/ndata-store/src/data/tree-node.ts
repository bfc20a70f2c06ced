import { encodeStored, isStoredStructure, storedToJson, decodeStored } from '../values.js';
import type { StoredValue } from '../values.js';

/** A value that nobody has looked into stays as its bytes; a branch is one that somebody has. */
export type TreeNode = StoredValue | ListBranch | MapBranch;
export type Branch = ListBranch | MapBranch;

export class ListBranch {
  readonly isList = true;
  items: TreeNode[];
  constructor(items: TreeNode[] = []) {
    this.items = items;
  }
}

export class MapBranch {
  readonly isList = false;
  /** Keys in the order they were added. A Map, so that no key can reach a prototype. */
  readonly entries: Map<string, TreeNode>;
  /** Was a list until a hole appeared; reads as a list again once its keys are contiguous. */
  readonly wasList: boolean;
  constructor(entries = new Map<string, TreeNode>(), wasList = false) {
    this.entries = entries;
    this.wasList = wasList;
  }
}

/** Keys that may stand for a place in a list. */
const indexPattern = /^(?:0|[1-9]\d{0,14})$/;

/** The place a key means in a list, or -1. */
export function indexOfKey(key: string): number {
  return indexPattern.test(key) ? Number(key) : -1;
}

/** Opens a value at rest, so that its keys can be reached; `undefined` if it has none. */
export function openNode(node: TreeNode): Branch | undefined {
  if (typeof node !== 'string') return node;
  if (!isStoredStructure(node)) return undefined;
  const value = decodeStored(node);
  if (Array.isArray(value)) return new ListBranch(value.map(encodeStored));
  // An object that was binary data in disguise has no keys.
  if (value instanceof Uint8Array) return undefined;
  const entries = new Map<string, TreeNode>();
  for (const [key, item] of Object.entries(value as object)) entries.set(key, encodeStored(item));
  return new MapBranch(entries);
}

/** A list's items, also of a map that was a list and has become contiguous again. */
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

/** A node as one value at rest. */
export function closeNode(node: TreeNode): StoredValue {
  return typeof node === 'string' ? node : nodeToJson(node);
}

export function entriesToJson(entries: Iterable<[string, TreeNode]>): StoredValue {
  let text = '';
  for (const [key, item] of entries) {
    // Through the encoder, because a key may hold more than ASCII and this text is bytes.
    text += `${text === '' ? '{' : ','}${storedToJson(encodeStored(key))}:${nodeToJson(item)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

export function itemsToJson(items: readonly TreeNode[]): StoredValue {
  return `[${items.map(nodeToJson).join(',')}]`;
}

/** A copy that shares nothing that can change. */
export function copyNode(node: TreeNode): TreeNode {
  if (typeof node === 'string') return node;
  if (node.isList) return new ListBranch(node.items.map(copyNode));
  const entries = new Map<string, TreeNode>();
  for (const [key, item] of node.entries) entries.set(key, copyNode(item));
  return new MapBranch(entries, node.wasList);
}

function nodeToJson(node: TreeNode): StoredValue {
  if (typeof node === 'string') return storedToJson(node);
  const items = listItems(node);
  // An emptied map that was a list stays an empty list.
  if (items !== undefined) return itemsToJson(items);
  return entriesToJson(node.isList ? [] : node.entries);
}
