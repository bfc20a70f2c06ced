import type { HistoryAck } from 'sc-protocol';
import type { Store, StreamPage, StreamPosition } from 'ndata-store';
import { decodePayload, jsonOfPayload } from './payload.js';

export interface HistoryOptions {
  /** Reads only publications after this position. @default the newest publications */
  readonly since?: StreamPosition;
  /** Reads the newest publications before this position. */
  readonly before?: StreamPosition;
  /** Publications per page, at most 10,000. @default 300 */
  readonly limit?: number;
}

/** A past publication of a channel. */
export interface PastPublication<Data = unknown> {
  readonly data: Data;
  readonly offset: number;
  /** Publish time in milliseconds since 1970. */
  readonly at: number;
}

/** A page of a channel's history, oldest first. */
export interface HistoryPage<Data = unknown> extends Omit<StreamPage, 'publications'> {
  readonly publications: PastPublication<Data>[];
}

/** Reads a page of a channel's history, with its data decoded. */
export async function readHistory(store: Store, channel: string, options: HistoryOptions): Promise<HistoryPage> {
  const { publications, ...page } = await store.readStream(channel, options);
  return {
    ...page,
    publications: publications.map(({ offset, at, payload }) => ({
      data: decodePayload(jsonOfPayload(payload)),
      offset,
      at,
    })),
  };
}

/**
 * Reads a page of a channel's history for a response to a client. The page is limited to `maxBytes`, but holds at least
 * one publication.
 */
export async function readForClient(
  store: Store,
  channel: string,
  options: HistoryOptions,
  maxBytes: number,
): Promise<HistoryAck> {
  const { epoch, top, recovered, reason, publications, hasMore } = await store.readStream(channel, options);
  let bytes = 0;
  // With `since`, fill the page from the oldest publication; otherwise from the newest.
  const isForward = options.since !== undefined;
  const fits = ({ payload }: { payload: Uint8Array }, index: number): boolean =>
    (bytes += payload.length) <= maxBytes || index === 0;
  const inOrder = isForward ? publications : publications.reverse();
  const end = inOrder.findIndex((one, index) => !fits(one, index));
  const taken = end < 0 ? inOrder : inOrder.slice(0, end);
  if (!isForward) taken.reverse();
  const first = taken[0]?.offset ?? 0;
  const isCut = end >= 0;
  // Without `since` or `before`, the store does not report whether older publications exist.
  const hasOlder = options.before === undefined && !isForward && first > 1 && taken.length === options.limit;
  return {
    epoch,
    top,
    recovered: recovered || (options.since === undefined && options.before === undefined),
    ...(reason !== undefined && { reason }),
    publications: taken.map(({ offset, at, payload }) => [offset, at, decodePayload(jsonOfPayload(payload))]),
    hasMore: hasMore || isCut || hasOlder,
  };
}

/** The position of the newest publication, for reading later ones. */
export async function readPosition(store: Store, channel: string): Promise<StreamPosition> {
  const { epoch, top } = await store.readStream(channel, { limit: 1 });
  return { epoch, offset: top };
}
