import type { ListedChannel, Store } from 'ndata-store';
import type { ChannelCounts } from './inspector.js';

/** Orders of a list of channels: the most first. */
export const channelOrders = ['rate', 'subscribers'] as const;
export type ChannelOrder = (typeof channelOrders)[number];

/** A channel as an operator sees it. */
export interface ChannelRow extends ListedChannel {
  /** Sockets of clients that are subscribed to it. */
  readonly subscribers: number;
}

/** Channels of the whole cluster. */
export interface ChannelList {
  readonly channels: readonly ChannelRow[];
  /** Workers that did not answer in time: their subscribers are missing. */
  readonly missing: readonly number[];
}

export interface ChannelListOptions {
  readonly sort: ChannelOrder;
  readonly limit: number;
  readonly startsWith?: string;
  /** Milliseconds that publications are counted for. @default 1000 */
  readonly overMs?: number;
}

type CountSubscribers = (query: {
  readonly names?: readonly string[];
  readonly startsWith?: string;
  readonly limit: number;
}) => Promise<ChannelCounts>;

/**
 * Lists the channels with the highest rate, as the stores count, or the most subscribers, as the workers count. Workers only
 * look names up.
 */
export async function listChannels(
  store: Pick<Store, 'topChannels'>,
  countSubscribers: CountSubscribers,
  { sort, limit, startsWith, overMs = 1_000 }: ChannelListOptions,
): Promise<ChannelList> {
  const beginning = startsWith === undefined ? {} : { startsWith };
  if (sort === 'rate') {
    const listed = await store.topChannels({ limit, overMs, ...beginning });
    const { channels, missing } = await countSubscribers({ limit, names: listed.map(({ channel }) => channel) });
    const subscribers = new Map(channels);
    return {
      channels: listed.map((one) => ({ ...one, subscribers: subscribers.get(one.channel) ?? 0 })),
      missing,
    };
  }
  const { channels, missing } = await countSubscribers({ limit, ...beginning });
  const names = channels.map(([channel]) => channel);
  const listed = names.length === 0 ? [] : await store.topChannels({ channels: names, limit, overMs });
  const known = new Map(listed.map((one) => [one.channel, one]));
  return {
    channels: channels.map(([channel, subscribers]) => ({
      // A channel that the store does not know any more: its last subscriber has just left.
      ...(known.get(channel) ?? { channel, perSecond: 0, processes: 0 }),
      subscribers,
    })),
    missing,
  };
}
