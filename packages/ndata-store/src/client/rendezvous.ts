/**
 * Rendezvous hashing: each shard gets a score for the name, and the highest score wins. Adding a shard moves only the
 * names that it receives. The mapping is part of the data format: a test pins it, and it must never change.
 */
export function shardOfName(name: string, shards: number): number {
  if (shards === 1) return 0;
  const hash = hashName(name);
  let best = 0;
  let bestScore = -1;
  for (let shard = 0; shard < shards; shard++) {
    const score = mix(hash ^ mix(shard + 1));
    if (score > bestScore) {
      bestScore = score;
      best = shard;
    }
  }
  return best;
}

/** FNV-1a over the UTF-16 code units. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}

/** MurmurHash3 finalizer: every input bit affects every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
