import type { TreeNode } from './tree-node.js';

/** What an entry costs beside its key and its value: the Map's slot and two string headers, measured on V8. */
const entryBytes = 72;
const branchBytes = 160;

/** About how much memory a node takes, for limits; exact enough to add and to subtract again. */
export function nodeBytes(node: TreeNode): number {
  if (typeof node === 'string') return node.length;
  let bytes = branchBytes;
  if (node.isList) for (const item of node.items) bytes += nodeBytes(item) + 8;
  else for (const [key, item] of node.entries) bytes += entryCost(key) + nodeBytes(item);
  return bytes;
}

/** What a chain of new keys costs beside its value. */
export function chainBytes(keys: readonly string[]): number {
  let bytes = 0;
  for (const key of keys) bytes += entryCost(key);
  return bytes;
}

/** What a key in a map costs beside its value. */
export function entryCost(key: string): number {
  return entryBytes + key.length;
}
