import type { Store, StreamPage, StreamPosition } from 'ndata-store';
import { decodePayload, jsonOfPayload } from './payload.js';

export interface HistoryOptions {
  /** Reads only publications after this position. @default the newest publications */
  readonly since?: StreamPosition;
  /** Publications per page, at most 10,000. @default 300 */
  readonly limit?: number;
}

/** A past publication of a channel. */
export interface PastPublication<Data = unknown> {
  readonly data: Data;
  readonly offset: number;
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
    publications: publications.map(({ offset, payload }) => ({ data: decodePayload(jsonOfPayload(payload)), offset })),
  };
}

/** The position of the newest publication, for reading later ones. */
export async function readPosition(store: Store, channel: string): Promise<StreamPosition> {
  const { epoch, top } = await store.readStream(channel, { limit: 1 });
  return { epoch, offset: top };
}
