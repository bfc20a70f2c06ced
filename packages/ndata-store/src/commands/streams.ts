import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import type { ReadyReply } from '../core/command.js';
import type { StoreCore } from '../core/store-core.js';
import type { GapReason, Stream, StreamEntry } from '../data/stream.js';
import type { StoredValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { CallParts } from './call.js';
import { requireChannel } from './checks.js';
import { defineCommand } from './define.js';
import { storedFalse, storedTrue } from './value-options.js';

/** Limits of `trimStream`. */
export interface TrimLimits {
  /** Number of publications to keep. @default all */
  readonly maxSize?: number;
  /** Maximum age of a publication in milliseconds. @default any */
  readonly maxAgeMs?: number;
}

/** A point in a stream. The epoch consists of the stream's id and the store's life; offsets count from 1. */
export interface StreamPosition {
  /** Identifies one life of a stream. */
  readonly epoch: string;
  /** Number of a publication within the epoch, from 1; 0 is before the first. */
  readonly offset: number;
}

/** Options of `readStream`. */
export interface ReadStreamOptions {
  /** Read the publications after this position. @default the newest publications */
  readonly since?: StreamPosition;
  /** Read the newest publications before this position. */
  readonly before?: StreamPosition;
  /** Publications per page, at most 10,000. @default 300 */
  readonly limit?: number;
}

/** A publication read from a stream. */
export interface StreamPublication {
  /** Number of the publication within the epoch. */
  readonly offset: number;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
  /** Encoded data of the publication. */
  readonly payload: Uint8Array;
}

/** A page of a stream. */
export interface StreamPage {
  /** Epoch of the stream. */
  readonly epoch: string;
  /** The newest offset of the stream; 0 before its first publication. */
  readonly top: number;
  /** Oldest first. */
  readonly publications: StreamPublication[];
  /** Whether the publications follow `since`, or lead up to `before`, without a gap. */
  readonly recovered: boolean;
  /**
   * Why `recovered` is false. `epoch`: the position belongs to another stream or an outdated life. `forked`: a crash
   * lost publications that the reader had received. `ahead`: the position is beyond the stream, as after a restored
   * backup. `trimmed`: the publications after the position are no longer kept. `tooMuch`: they exceed the size of one
   * reply.
   */
  readonly reason?: GapReason;
  /** Whether more publications exist after this page or, with `before`, in front of it. */
  readonly hasMore: boolean;
}

/** Commands for streams. */
export interface StreamCommands {
  /**
   * Reads a page of a stream. To miss nothing: subscribe, buffer the publications received, read the stream, then drop
   * duplicates by offset.
   */
  readStream(channel: string, options?: ReadStreamOptions, callback?: Callback<StreamPage>): Promise<StreamPage>;
  /** Drops the publications beyond these limits once. */
  trimStream(channel: string, limits: TrimLimits, callback?: Callback<void>): Promise<void>;
  /** Removes the stream of a channel. Resolves with whether it existed. The channel's next stream has a new epoch. */
  removeStream(channel: string, callback?: Callback<boolean>): Promise<boolean>;
}

const defaultLimit = 300;
export const maxPageSize = 10_000;
/** A page ends early when it holds this many bytes. */
const maxPageBytes = 16 * 1024 * 1024;

/**
 * The reply: u32 length of the head, the head as JSON, and per publication f64 offset, f64 time, u32 length, payload.
 * With a position: the publications after it, and whether they are complete. Without a position: the newest
 * publications.
 */
export const readStream = defineCommand({
  name: 'readStream',
  code: 41,
  call: (channel: string, { since, before, limit }: ReadStreamOptions = {}): CallParts<StreamPage> => ({
    keys: [toChannel(channel)],
    options: { ...since, ...(before && { before }), limit },
    decode: decodePage,
    isRepeatable: true,
  }),
  run(core, request) {
    const channel = requireChannel(request);
    const limit = limitOf(request);
    // Create a missing stream, so its position is valid before the first publication.
    const stream = core.history.open(channel, core.now());
    if (stream === undefined) return packPage(noStream(request), []);
    if (request.options['before'] !== undefined) return packPage(...readBefore(core, stream, request, limit));
    return packPage(...readPage(core, stream, request, { newest: limit, top: stream.top }));
  },
});

/** The head of a page of a channel without history. */
export function noStream({ options }: CommandRequest): object {
  const hasPosition = options['epoch'] !== undefined || options['before'] !== undefined;
  const reason = hasPosition ? { reason: 'epoch' } : {};
  return { epoch: '', top: 0, recovered: false, hasMore: false, ...reason };
}

/**
 * The head and the publications of a page up to `top`. With a position in the options: the publications after it, and
 * whether they are complete; otherwise at most `newest` of the newest publications.
 */
export function readPage(
  core: StoreCore,
  stream: Stream,
  request: CommandRequest,
  { newest, top }: { readonly newest: number; readonly top: number },
): [head: object, entries: readonly StreamEntry[]] {
  const { streams } = core;
  if (stream.isTrimDue(core.now())) streams.trim(stream, core.now());
  const { epoch, offset } = request.options;
  const hasPosition = typeof epoch === 'string' && typeof offset === 'number';
  const reason = hasPosition ? stream.gapAfter(epoch, offset, streams.life) : undefined;
  const isAfter = hasPosition && reason === undefined;
  const found = isAfter ? stream.after(offset, limitOf(request)) : newest > 0 ? stream.newest(newest) : [];
  const entries = fit(found.filter((entry) => entry.offset <= top));
  const last = entries.at(-1)?.offset ?? top;
  const head = {
    epoch: stream.epoch,
    top,
    recovered: isAfter,
    hasMore: entries.length > 0 && last < top,
    ...(reason === undefined ? {} : { reason }),
  };
  return [head, entries];
}

/** The head and the publications of a page that ends before a position. */
function readBefore(
  core: StoreCore,
  stream: Stream,
  { options }: CommandRequest,
  limit: number,
): [head: object, entries: readonly StreamEntry[]] {
  const { streams } = core;
  if (stream.isTrimDue(core.now())) streams.trim(stream, core.now());
  const { epoch, offset } = Object(options['before']) as Partial<StreamPosition>;
  if (typeof epoch !== 'string' || typeof offset !== 'number') {
    throw new InvalidArgumentsError('`before` must be a position: { epoch, offset }');
  }
  const { top } = stream;
  // `trimmed` means that no publication before the position is kept.
  const reason = stream.gapAfter(epoch, offset, streams.life);
  const last = Math.min(offset - 1, top);
  const first = Math.max(stream.first, last - limit + 1);
  const found = reason === undefined ? stream.after(first - 1, Math.max(0, last - first + 1)) : [];
  const entries = fitNewest(found);
  const hasMore = reason === undefined && (entries[0]?.offset ?? stream.first) > stream.first;
  const head = { epoch: stream.epoch, top, recovered: reason === undefined, hasMore, ...(reason && { reason }) };
  return [head, entries];
}

function limitOf(request: CommandRequest): number {
  const limit = request.options['limit'] ?? defaultLimit;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= maxPageSize) return limit;
  throw new InvalidArgumentsError(
    `\`limit\` must be a whole number between 1 and ${maxPageSize}, got ${JSON.stringify(limit)}`,
  );
}

function fit(entries: StreamEntry[]): StreamEntry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => (bytes += entry.payload.length) > maxPageBytes && index > 0);
  return end < 0 ? entries : entries.slice(0, end);
}

/** Like {@link fit}, but keeps the newest entries. */
function fitNewest(entries: StreamEntry[]): StreamEntry[] {
  return fit(entries.reverse()).reverse();
}

/** Packs a page into one reply. */
export function packPage(head: object, entries: readonly StreamEntry[]): ReadyReply {
  const json = JSON.stringify(head);
  // Hot path: after a restart, every resubscribe gets an empty page.
  if (entries.length === 0) return emptyPage(json);
  const headBytes = Buffer.from(json, 'latin1');
  let length = 4 + headBytes.length;
  for (const { payload } of entries) length += 20 + payload.length;
  const packed = Buffer.allocUnsafe(length);
  packed.writeUInt32LE(headBytes.length);
  packed.set(headBytes, 4);
  let at = 4 + headBytes.length;
  for (const { offset, at: time, payload } of entries) {
    packed.writeDoubleLE(offset, at);
    packed.writeDoubleLE(time, at + 8);
    packed.writeUInt32LE(payload.length, at + 16);
    packed.write(payload, at + 20, 'latin1');
    at += 20 + payload.length;
  }
  return packed;
}

/** Packs a head without publications. `json` must be ASCII. */
export function emptyPage(json: string): StoredValue {
  return String.fromCharCode(json.length & 0xff, json.length >> 8, 0, 0) + json;
}

export function decodePage(buffer: Buffer, start: number, end: number): StreamPage {
  let at = start + 4 + buffer.readUInt32LE(start);
  const head = JSON.parse(buffer.toString('latin1', start + 4, at)) as Omit<StreamPage, 'publications'>;
  const publications: StreamPublication[] = [];
  while (at < end) {
    const payloadStart = at + 20;
    const payloadEnd = payloadStart + buffer.readUInt32LE(at + 16);
    const payload = Uint8Array.from(buffer.subarray(payloadStart, payloadEnd));
    publications.push({ offset: buffer.readDoubleLE(at), at: buffer.readDoubleLE(at + 8), payload });
    at = payloadEnd;
  }
  return Object.assign(head, { publications });
}

/** Drops the publications beyond the given limits once. The limits of the stream do not change. */
export const trimStream = defineCommand({
  name: 'trimStream',
  code: 42,
  writes: true,
  call: (channel: string, limits: TrimLimits): CallParts<void> => ({ keys: [toChannel(channel)], options: limits }),
  run(core, request) {
    const stream = core.streams.get(requireChannel(request));
    if (stream === undefined) return undefined;
    const { maxSize = Infinity, maxAgeMs = Infinity } = request.options;
    const limits = { maxSize: Number(maxSize), maxAgeMs: Number(maxAgeMs) };
    core.streams.trimTo(stream, core.now(), limits);
    return undefined;
  },
});

/** The channel's next stream has a new epoch, so readers of this stream detect the gap. */
export const removeStream = defineCommand({
  name: 'removeStream',
  code: 43,
  writes: true,
  call: (channel: string): CallParts<boolean> => ({ keys: [toChannel(channel)] }),
  run: (core, request) => (core.streams.remove(requireChannel(request)) ? storedTrue : storedFalse),
});
