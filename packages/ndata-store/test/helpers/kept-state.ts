import { Changes } from '../../src/data/changes.js';
import { Expiry } from '../../src/data/expiry.js';
import { Streams } from '../../src/data/streams.js';
import { closeNode, openNode } from '../../src/data/tree-node.js';
import type { TreeNode } from '../../src/data/tree-node.js';
import { Tree } from '../../src/data/tree.js';
import type { KeptData } from '../../src/persist/apply-effects.js';

export function emptyData(changes = new Changes()): KeptData {
  return { tree: new Tree(changes), expiry: new Expiry(changes), streams: new Streams(changes) };
}

/** The complete persisted state as one text, including the order of keys, list types, times and lifetimes. */
export function stateOf({ tree, expiry, streams }: KeptData): string {
  return JSON.stringify({
    tree: [...tree.root].map(([key, node]) => [key, shapeOf(node)]),
    expiries: expiry
      .roots()
      .flatMap((root) => expiry.entriesOf(root))
      .map(({ keys, at }) => [keys, at])
      .sort(),
    streams: streams
      .channels()
      .sort()
      .map((channel) => {
        const { id, lives, top, first, limits, hasOwnLimits } = streams.get(channel)!;
        return { channel, id, lives, top, first, limits, hasOwnLimits, kept: streams.get(channel)!.newest(Infinity) };
      }),
  });
}

/** Values that somebody has looked into are the same as before. */
function shapeOf(node: TreeNode): unknown {
  const branch = openNode(node);
  if (branch === undefined) return closeNode(node);
  if (branch.isList) return branch.items.map(shapeOf);
  return { wasList: branch.wasList, entries: [...branch.entries].map(([key, item]) => [key, shapeOf(item)]) };
}
