import type { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';
import type { Expiry } from '../data/expiry.js';
import { onceOf } from '../data/publishers.js';
import { Stream } from '../data/stream.js';
import type { StreamLimits } from '../data/stream.js';
import type { Streams } from '../data/streams.js';
import { ListBranch } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { Tree } from '../data/tree.js';
import { ByteReader } from './bytes.js';
import { effectCodes } from './effect-recorder.js';
import { readNode } from './node-codec.js';

/** The persisted state of a store. */
export interface KeptData {
  readonly tree: Tree;
  readonly expiry: Expiry;
  readonly streams: Streams;
}

/**
 * Replays the effects of a record. Runs no commands: limits, events and expiry do not apply. After a gap in the log
 * (`isLenient`), the data may differ from the data when the effect was recorded; the effect is then applied as far as
 * possible.
 */
export function applyEffects(data: KeptData, content: Buffer, isLenient: boolean): void {
  const reader = new ByteReader(content);
  while (!reader.isAtEnd) applyEffect(data, reader, isLenient);
}

function applyEffect(data: KeptData, reader: ByteReader, isLenient: boolean): void {
  const { tree, expiry } = data;
  const code = reader.uint8();
  switch (code) {
    case effectCodes.set:
      tree.set(reader.keys(), readNode(reader));
      return;
    case effectCodes.remove:
      tree.remove(reader.keys());
      return;
    case effectCodes.splice:
      splice(tree, reader, isLenient);
      return;
    case effectCodes.becomeList:
      tree.findList(reader.keys());
      return;
    case effectCodes.clear:
      tree.clear();
      return;
    case effectCodes.expire:
      expiry.set(reader.keys(), reader.float64());
      return;
    case effectCodes.unexpire:
      expiry.remove(reader.keys());
      return;
    case effectCodes.unexpireBeneath:
      expiry.removeBeneath(reader.keys());
      return;
    case effectCodes.clearExpiries:
      expiry.clear();
      return;
    default:
      applyToStream(data.streams, code, reader, isLenient);
  }
}

function splice(tree: Tree, reader: ByteReader, isLenient: boolean): void {
  const keys = reader.keys();
  const index = reader.uint32();
  const count = reader.uint32();
  const items: TreeNode[] = [];
  for (let left = reader.uint32(); left > 0; left--) items.push(readNode(reader));
  const list = tree.findList(keys);
  if (list !== undefined && (isLenient || index + count <= list.items.length)) {
    tree.splice(keys, list, index, count, items);
  } else if (!isLenient) {
    throw new InvalidFrameError(`There is no list with ${index + count} items at ${JSON.stringify(keys)}`, {
      field: 'splice',
    });
  } else if (items.length > 0) {
    tree.set(keys, new ListBranch(items));
  }
}

function applyToStream(streams: Streams, code: number, reader: ByteReader, isLenient: boolean): void {
  const channel = reader.text();
  if (code === effectCodes.openStream) {
    const id = reader.text();
    const life = reader.uint32();
    const stream = new Stream(channel, id, readLimits(reader));
    stream.hasOwnLimits = reader.uint8() === 1;
    stream.lives.push([life, 1]);
    streams.restore(stream, 0);
    return;
  }
  if (code === effectCodes.removeStream) {
    streams.remove(channel);
    return;
  }
  const change = streamChange(streams, code, reader);
  const stream = streams.get(channel);
  if (stream !== undefined) change(stream);
  else if (!isLenient) throw new InvalidFrameError(`There is no stream "${channel}"`, { field: 'stream' });
}

/** Reads the rest of an effect, even if its stream does not exist: the next effect follows in the same record. */
function streamChange(streams: Streams, code: number, reader: ByteReader): (stream: Stream) => void {
  switch (code) {
    case effectCodes.limitStream: {
      const limits = readLimits(reader);
      return (stream) => streams.limit(stream, limits);
    }
    case effectCodes.append: {
      const offset = reader.float64();
      const at = reader.float64();
      const first = reader.float64();
      const life = reader.uint32();
      const entry = { offset, at, payload: reader.stored() };
      return (stream) => streams.reappend(stream, entry, first, life === 0 ? undefined : life);
    }
    case effectCodes.know: {
      const key = reader.text();
      const seq = reader.float64();
      const offset = reader.float64();
      const at = reader.float64();
      return (stream) => streams.know(stream, onceOf(key, seq), offset, at);
    }
    case effectCodes.trimStream: {
      const first = reader.float64();
      return (stream) => streams.dropBefore(stream, first);
    }
    default:
      throw new InvalidFrameError(`There is no effect ${code}`, { field: 'code' });
  }
}

function readLimits(reader: ByteReader): StreamLimits {
  return { maxSize: reader.float64(), maxAgeMs: reader.float64() };
}
