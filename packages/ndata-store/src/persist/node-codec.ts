import { InvalidFrameError } from 'sc-protocol';
import { ListBranch, MapBranch } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { ByteReader, ByteWriter } from './bytes.js';

/** u8 kind, then a value at rest, or u32 count and the items, or u32 count and the entries in their order. */
const kinds = { value: 0, list: 1, map: 2, holedList: 3 } as const;

/** Writes a node as it is: JSON would forget which map was a list, and the order of keys that look like numbers. */
export function writeNode(writer: ByteWriter, node: TreeNode): void {
  if (typeof node === 'string') {
    writer.uint8(kinds.value);
    writer.stored(node);
  } else if (node.isList) {
    writer.uint8(kinds.list);
    writer.uint32(node.items.length);
    for (const item of node.items) writeNode(writer, item);
  } else {
    writer.uint8(node.wasList ? kinds.holedList : kinds.map);
    writer.uint32(node.entries.size);
    for (const [key, item] of node.entries) {
      writer.text(key);
      writeNode(writer, item);
    }
  }
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
