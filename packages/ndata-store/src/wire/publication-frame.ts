import { Buffer } from 'node:buffer';
import { InvalidFrameError } from 'sc-protocol';
import { Publication } from '../data/publication.js';
import { replyCodes } from './codes.js';
import { frameHeaderBytes, wireVersion } from './frame.js';

/**
 * A publication on a link: u8 flags, f64 live, then depending on the flags f64 offset, f64 prev, u8 length and epoch,
 * u16 length and headers, and always u16 length, channel, payload.
 */
export const publicationFlags = { volatile: 1, offset: 2, prev: 4, epoch: 8, headers: 16 } as const;

/** Source of a payload. `buffer` is only valid until the next read; the result of `keep` stays valid. */
export interface PayloadSource {
  readonly buffer: Buffer;
  keep(start: number, end: number): Buffer;
}

/** Encodes a publication as a frame, once for all links. Hot path. */
export function publicationFrame(publication: Publication): Buffer {
  if (publication.frame !== undefined) return publication.frame;
  const { channel, payload, isVolatile, live, offset, prev, epoch, headers } = publication;
  const channelBytes = Buffer.byteLength(channel);
  const hasPrev = offset > 0 && prev !== offset - 1;
  const epochBytes = epoch === undefined ? 0 : Buffer.byteLength(epoch);
  let flags = isVolatile ? publicationFlags.volatile : 0;
  let bytes = frameHeaderBytes + 11 + channelBytes + payload.length;
  if (offset > 0) {
    flags |= publicationFlags.offset;
    bytes += 8;
  }
  if (hasPrev) {
    flags |= publicationFlags.prev;
    bytes += 8;
  }
  if (epochBytes > 0) {
    flags |= publicationFlags.epoch;
    bytes += 1 + epochBytes;
  }
  const headerBytes = headers === undefined ? 0 : Buffer.byteLength(headers);
  if (headerBytes > 0) {
    flags |= publicationFlags.headers;
    bytes += 2 + headerBytes;
  }
  const frame = Buffer.allocUnsafe(bytes);
  frame.writeUInt32LE(bytes - 4, 0);
  frame[4] = wireVersion;
  frame[5] = replyCodes.publication;
  frame.writeUInt32LE(0, 6);
  frame[10] = flags;
  let at = frame.writeDoubleLE(live, 11);
  if (offset > 0) at = frame.writeDoubleLE(offset, at);
  if (hasPrev) at = frame.writeDoubleLE(prev, at);
  if (epoch !== undefined && epochBytes > 0) {
    frame[at] = epochBytes;
    at += 1 + frame.write(epoch, at + 1);
  }
  if (headers !== undefined && headerBytes > 0) {
    at = frame.writeUInt16LE(headerBytes, at);
    at += frame.write(headers, at);
  }
  at = frame.writeUInt16LE(channelBytes, at);
  at += frame.write(channel, at);
  frame.set(payload, at);
  publication.frame = frame;
  return frame;
}

/**
 * Reads a publication whose body is at `start` to `end`. If `wants` returns false for the channel, the payload is not
 * kept and the result is `undefined`. Hot path. Throws `InvalidFrameError`.
 */
export function readPublication(
  source: PayloadSource,
  start: number,
  end: number,
  wants: (channel: string) => boolean,
): Publication | undefined {
  const { buffer } = source;
  if (start + 11 > end) throw truncated();
  const flags = buffer.readUInt8(start);
  const live = buffer.readDoubleLE(start + 1);
  let at = start + 9;
  let offset = 0;
  let prev: number | undefined;
  let epoch: string | undefined;
  let headers: string | undefined;
  if (flags > 1) {
    if ((flags & publicationFlags.offset) !== 0) {
      offset = readDouble(buffer, at, end);
      at += 8;
    }
    if ((flags & publicationFlags.prev) !== 0) {
      prev = readDouble(buffer, at, end);
      at += 8;
    }
    if ((flags & publicationFlags.epoch) !== 0) {
      const epochEnd = at + 1 + (buffer[at] ?? 0);
      if (epochEnd > end) throw truncated();
      epoch = buffer.toString('latin1', at + 1, epochEnd);
      at = epochEnd;
    }
    if ((flags & publicationFlags.headers) !== 0) {
      if (at + 2 > end) throw truncated();
      const headersEnd = at + 2 + buffer.readUInt16LE(at);
      if (headersEnd > end) throw truncated();
      headers = buffer.toString('utf8', at + 2, headersEnd);
      at = headersEnd;
    }
  }
  if (at + 2 > end) throw truncated();
  const channelStart = at + 2;
  at = channelStart + buffer.readUInt16LE(at);
  if (at > end) throw truncated();
  const channel = buffer.toString('utf8', channelStart, at);
  if (!wants(channel)) return undefined;
  const payload = source.keep(at, end);
  const isVolatile = (flags & publicationFlags.volatile) !== 0;
  const publication = new Publication(channel, payload, isVolatile, offset, epoch, live, prev);
  if (headers !== undefined) publication.headers = headers;
  return publication;
}

function readDouble(buffer: Buffer, at: number, end: number): number {
  if (at + 8 > end) throw truncated();
  return buffer.readDoubleLE(at);
}

function truncated(): InvalidFrameError {
  return new InvalidFrameError('A publication ends before its content does', { field: 'length' });
}
