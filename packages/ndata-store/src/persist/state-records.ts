import { Buffer } from 'node:buffer';
import type { StoreCore } from '../core/store-core.js';
import { Stream } from '../data/streams.js';
import type { StreamLimits } from '../data/streams.js';
import { closeNode } from '../data/tree-node.js';
import { encodeRecord, recordKinds } from './records.js';

/** What a store holds, as records of a snapshot, and back. */

interface Meta {
  readonly storeId: string;
  readonly epochCount: number;
}

interface StreamHead {
  readonly channel: string;
  readonly epoch: string;
  readonly top: number;
  readonly limits: StreamLimits;
}

export function metaRecord(core: StoreCore): Buffer {
  const meta: Meta = { storeId: core.storeId, epochCount: core.epochCount };
  return encodeRecord(recordKinds.meta, Buffer.from(JSON.stringify(meta)));
}

/** The records of a root key: its value, and what expires at and beneath it. */
export function rootRecords(core: StoreCore, root: string): Buffer[] {
  const records: Buffer[] = [];
  const node = core.tree.root.get(root);
  if (node !== undefined) {
    const key = Buffer.from(root);
    const head = Buffer.allocUnsafe(2);
    head.writeUInt16LE(key.length);
    records.push(encodeRecord(recordKinds.root, head, key, Buffer.from(closeNode(node), 'latin1')));
  }
  const expiries = core.expiry.entriesOf(root);
  if (expiries.length > 0) {
    const pairs = expiries.map(({ keys, at }) => [keys, at]);
    records.push(encodeRecord(recordKinds.expiries, Buffer.from(JSON.stringify(pairs))));
  }
  return records;
}

export function streamRecord(channel: string, stream: Stream): Buffer {
  const head: StreamHead = { channel, epoch: stream.epoch, top: stream.top, limits: stream.limits };
  const headBytes = Buffer.from(JSON.stringify(head));
  const headLength = Buffer.allocUnsafe(4);
  headLength.writeUInt32LE(headBytes.length);
  const parts = [headLength, headBytes];
  for (const { offset, at, payload } of stream.newest(Infinity)) {
    const entry = Buffer.allocUnsafe(20 + payload.length);
    entry.writeDoubleLE(offset, 0);
    entry.writeDoubleLE(at, 8);
    entry.writeUInt32LE(payload.length, 16);
    entry.write(payload, 20, 'latin1');
    parts.push(entry);
  }
  return encodeRecord(recordKinds.stream, ...parts);
}

/** Puts what a snapshot's record holds into the store. */
export function restoreState(core: StoreCore, kind: number, content: Buffer): void {
  if (kind === recordKinds.meta) {
    const { storeId, epochCount } = JSON.parse(content.toString()) as Meta;
    core.storeId = storeId;
    core.epochCount = epochCount;
  } else if (kind === recordKinds.root) {
    const valueStart = 2 + content.readUInt16LE(0);
    core.tree.set([content.toString('utf8', 2, valueStart)], content.toString('latin1', valueStart));
  } else if (kind === recordKinds.expiries) {
    for (const [keys, at] of JSON.parse(content.toString()) as [string[], number][]) core.expiry.set(keys, at);
  } else if (kind === recordKinds.stream) {
    restoreStream(core, content);
  }
}

function restoreStream(core: StoreCore, content: Buffer): void {
  let at = 4 + content.readUInt32LE(0);
  const head = JSON.parse(content.toString('utf8', 4, at)) as StreamHead;
  const stream = new Stream(head.epoch, head.limits);
  while (at < content.length) {
    const end = at + 20 + content.readUInt32LE(at + 16);
    const payload = content.toString('latin1', at + 20, end);
    stream.restore({ offset: content.readDoubleLE(at), at: content.readDoubleLE(at + 8), payload });
    at = end;
  }
  stream.top = head.top;
  // Found twice when it was written while the snapshot was.
  core.streams.remove(head.channel);
  core.streams.add(head.channel, stream);
}
