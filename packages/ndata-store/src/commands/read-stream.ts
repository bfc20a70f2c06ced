import { Buffer } from 'node:buffer';
import type { StreamEntry } from '../data/streams.js';
import { encodeStored } from '../values.js';
import { InvalidArgumentsError } from 'sc-protocol';
import type { CommandRequest } from '../wire/request.js';
import { requireChannel } from './checks.js';
import type { Command } from './command.js';

const defaultLimit = 300;
const maxLimit = 10_000;
/** A page ends early when it holds this many bytes. */
const maxPageBytes = 16 * 1024 * 1024;

/**
 * The answer: u32 length of the head, the head as JSON, and per publication f64 offset, u32 length, payload. With a
 * position it tells what follows it, and whether that is complete; without one the newest publications.
 */
export const readStream: Command = {
  name: 'readStream',
  writes: false,
  transacts: false,
  run(core, request) {
    const stream = core.streams.get(requireChannel(request));
    const { epoch, offset } = request.options;
    const hasPosition = typeof epoch === 'string' && typeof offset === 'number';
    if (stream === undefined) {
      return pack({ epoch: '', top: 0, recovered: false, hasMore: false, ...(hasPosition && { reason: 'epoch' }) }, []);
    }
    core.streams.change(stream, () => stream.trim(core.now()));
    const limit = limitOf(request);
    const reason = hasPosition ? stream.gapAfter(epoch, offset) : undefined;
    const isAfter = hasPosition && reason === undefined;
    const entries = fit(isAfter ? stream.after(offset, limit) : stream.newest(limit));
    const last = entries.at(-1)?.offset ?? stream.top;
    return pack(
      {
        epoch: stream.epoch,
        top: stream.top,
        recovered: isAfter,
        hasMore: entries.length > 0 && last < stream.top,
        ...(reason === undefined ? {} : { reason }),
      },
      entries,
    );
  },
};

function limitOf(request: CommandRequest): number {
  const limit = request.options['limit'] ?? defaultLimit;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  throw new InvalidArgumentsError(
    `\`limit\` must be a whole number between 1 and ${maxLimit}, got ${JSON.stringify(limit)}`,
  );
}

function fit(entries: StreamEntry[]): StreamEntry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => (bytes += entry.payload.length) > maxPageBytes && index > 0);
  return end < 0 ? entries : entries.slice(0, end);
}

function pack(head: object, entries: readonly StreamEntry[]): Buffer {
  const headBytes = Buffer.from(encodeStored(head), 'latin1');
  let length = 4 + headBytes.length;
  for (const { payload } of entries) length += 12 + payload.length;
  const packed = Buffer.allocUnsafe(length);
  packed.writeUInt32LE(headBytes.length);
  packed.set(headBytes, 4);
  let at = 4 + headBytes.length;
  for (const { offset, payload } of entries) {
    packed.writeDoubleLE(offset, at);
    packed.writeUInt32LE(payload.length, at + 8);
    packed.write(payload, at + 12, 'latin1');
    at += 12 + payload.length;
  }
  return packed;
}
