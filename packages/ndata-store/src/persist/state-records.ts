import { Buffer } from 'node:buffer';
import { newKnownPublications, stateOfKnown } from '../data/publishers.js';
import type { KnownState } from '../data/publishers.js';
import { Stream } from '../data/stream.js';
import type { StreamEntry, StreamLife, StreamLimits } from '../data/stream.js';
import type { Streams } from '../data/streams.js';
import type { KeptData } from './apply-effects.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { recordKinds } from './records.js';

/** Metadata of a file, in its first record. */
export interface FileMeta {
  readonly generation: number;
  /** The life of the store that wrote the file, incremented at every start. */
  readonly life: number;
  /** The life used in stream positions. It stays the same across clean restarts. */
  readonly streamLife: number;
  /** The previous log, and its number of valid bytes. Absent for a snapshot, and for the first log. */
  readonly previous?: { readonly generation: number; readonly bytes: number };
  readonly startedAt: string;
}

export function metaContent(meta: FileMeta): Buffer {
  return Buffer.from(JSON.stringify(meta));
}

export function readMeta(content: Buffer): FileMeta {
  return JSON.parse(content.toString()) as FileMeta;
}

export function expiriesContent(
  entries: readonly { readonly keys: readonly string[]; readonly at: number }[],
): Uint8Array {
  const writer = new ByteWriter();
  writer.uint32(entries.length);
  for (const { keys, at } of entries) {
    writer.keys(keys);
    writer.float64(at);
  }
  return writer.bytes();
}

/** A stream at one moment. */
export interface StreamState {
  readonly id: string;
  /** The offset of the last of the entries, or of the last publication when there are none. */
  readonly top: number;
  readonly limits: StreamLimits;
  readonly hasOwnLimits: boolean;
  readonly lives: readonly StreamLife[];
  readonly entries: readonly StreamEntry[];
  readonly known: readonly KnownState[];
}

/** Copies the current state of a stream. */
export function stateOfStream(stream: Stream): StreamState {
  const { id, top, limits, hasOwnLimits, lives } = stream;
  return {
    id,
    top,
    limits,
    hasOwnLimits,
    lives: [...lives],
    entries: stream.newest(Infinity),
    known: stateOfKnown(stream.known),
  };
}

/** Encodes a stream, or its absence. */
export function streamContent(channel: string, stream: StreamState | undefined): Uint8Array {
  const writer = new ByteWriter();
  writer.text(channel);
  writer.text(stream?.id ?? '');
  if (stream === undefined) return writer.bytes();
  writer.float64(stream.top);
  writer.float64(stream.limits.maxSize);
  writer.float64(stream.limits.maxAgeMs);
  writer.uint8(stream.hasOwnLimits ? 1 : 0);
  writer.uint8(stream.lives.length);
  for (const [life, from] of stream.lives) {
    writer.uint32(life);
    writer.float64(from);
  }
  writer.uint32(stream.entries.length);
  for (const { offset, at, payload } of stream.entries) {
    writer.float64(offset);
    writer.float64(at);
    writer.stored(payload);
  }
  writeKnown(writer, stream.known);
  return writer.bytes();
}

/** Restores the data of a state record. Returns whether the record is one. */
export function takeState(data: KeptData, kind: number, content: Buffer): boolean {
  const reader = new ByteReader(content);
  if (kind === recordKinds.expiries) {
    for (let left = reader.uint32(); left > 0; left--) data.expiry.set(reader.keys(), reader.float64());
  } else if (kind === recordKinds.stream) {
    restoreStream(data, reader);
  } else {
    return false;
  }
  return true;
}

function restoreStream({ streams }: KeptData, reader: ByteReader): void {
  const channel = reader.text();
  const id = reader.text();
  streams.remove(channel);
  if (id === '') return;
  const top = reader.float64();
  const limits = { maxSize: reader.float64(), maxAgeMs: reader.float64() };
  const hasOwnLimits = reader.uint8() === 1;
  const lives: StreamLife[] = [];
  for (let left = reader.uint8(); left > 0; left--) lives.push([reader.uint32(), reader.float64()]);
  const entries: StreamEntry[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    entries.push({ offset: reader.float64(), at: reader.float64(), payload: reader.stored() });
  }
  const stream = new Stream(channel, id, limits, top - entries.length);
  readKnown(streams, stream, reader);
  stream.hasOwnLimits = hasOwnLimits;
  stream.lives.push(...lives);
  for (const entry of entries) stream.add(entry);
  streams.restore(stream, 0);
}

function writeKnown(writer: ByteWriter, known: readonly KnownState[]): void {
  writer.uint32(known.length);
  for (const { key, entries } of known) {
    writer.text(key);
    // Formerly a time. The age now counts from the start of the store that reads the file.
    writer.float64(0);
    writer.uint32(entries.length);
    for (const [seq, offset] of entries) {
      writer.float64(seq);
      writer.float64(offset);
    }
  }
}

/** Reads the known publications. Files of earlier versions do not contain them. */
function readKnown(streams: Streams, stream: Stream, reader: ByteReader): void {
  if (reader.isAtEnd) return;
  for (let left = reader.uint32(); left > 0; left--) {
    const key = reader.text();
    reader.float64();
    const entries: [number, number][] = [];
    for (let pairs = reader.uint32(); pairs > 0; pairs--) entries.push([reader.float64(), reader.float64()]);
    streams.publishers.restore((stream.known ??= newKnownPublications()), { key, entries });
  }
}
