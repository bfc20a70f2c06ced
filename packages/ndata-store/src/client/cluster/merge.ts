/** The trees of all shards as one. Shards share no root key. */
export function mergeTrees(trees: readonly unknown[]): unknown {
  if (trees.length === 1) return trees[0];
  const merged: Record<string, unknown> = {};
  for (const tree of trees) {
    for (const [key, value] of Object.entries(tree as object)) {
      // Defined, not assigned, so that the key `__proto__` is only a key.
      Object.defineProperty(merged, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return merged;
}
