import { InvalidFrameError } from 'sc-protocol';
import { ListBranch, MapBranch } from '../data/tree-node.js';
import type { Branch, TreeNode } from '../data/tree-node.js';
import type { ByteReader, ByteWriter } from './bytes.js';

/** An encoded node: u8 kind, then a stored value, or u32 count and the items, or u32 count and the entries in order. */
const kinds = { value: 0, list: 1, map: 2, holedList: 3 } as const;

/** Content of a branch, current or frozen. `keys` is set for a map. */
export interface BranchContent {
  readonly keys: readonly string[] | undefined;
  readonly nodes: readonly TreeNode[];
  readonly wasList: boolean;
}

/**
 * Writes a node without loss: JSON would lose the information which map was a list, and the order of integer-like keys.
 * `contentOf` returns the content of a branch.
 */
export function writeNode(
  writer: ByteWriter,
  node: TreeNode,
  contentOf: (branch: Branch) => BranchContent = presentContent,
): void {
  if (typeof node === 'string') {
    writer.uint8(kinds.value);
    writer.stored(node);
    return;
  }
  const { keys, nodes, wasList } = contentOf(node);
  if (keys === undefined) writer.uint8(kinds.list);
  else writer.uint8(wasList ? kinds.holedList : kinds.map);
  writer.uint32(nodes.length);
  nodes.forEach((item, index) => {
    if (keys !== undefined) writer.text(keys[index] ?? '');
    writeNode(writer, item, contentOf);
  });
}

function presentContent(branch: Branch): BranchContent {
  if (branch.isList) return { keys: undefined, nodes: branch.items, wasList: false };
  return { keys: [...branch.entries.keys()], nodes: [...branch.entries.values()], wasList: branch.wasList };
}

export function readNode(reader: ByteReader): TreeNode {
  const kind = reader.uint8();
  if (kind === kinds.value) return reader.stored();
  const count = reader.uint32();
  if (kind === kinds.list) {
    const items: TreeNode[] = [];
    for (let i = 0; i < count; i++) items.push(readNode(reader));
    return new ListBranch(items);
  }
  if (kind !== kinds.map && kind !== kinds.holedList) {
    throw new InvalidFrameError(`There is no node of kind ${kind}`, { field: 'kind' });
  }
  const entries = new Map<string, TreeNode>();
  for (let i = 0; i < count; i++) {
    const key = reader.text();
    entries.set(key, readNode(reader));
  }
  return new MapBranch(entries, kind === kinds.holedList);
}
