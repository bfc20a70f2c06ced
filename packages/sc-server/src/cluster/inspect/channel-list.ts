import type { ListedChannel, Store } from 'ndata-store';
import type { ChannelCounts } from './inspector.js';

/** Sort orders of a list of channels, highest first. */
export const channelOrders = ['rate', 'subscribers'] as const;
export type ChannelOrder = (typeof channelOrders)[number];

/** A channel as shown to an operator. */
export interface ChannelRow extends ListedChannel {
  /** Number of subscribed client sockets. */
  readonly subscribers: number;
}

/** Channels of the whole cluster. */
export interface ChannelList {
  readonly channels: readonly ChannelRow[];
  /** Workers that did not respond in time: their subscribers are not counted. */
  readonly missing: readonly number[];
}

export interface ChannelListOptions {
  readonly sort: ChannelOrder;
  readonly limit: number;
  readonly startsWith?: string;
  /** Period over which publications are counted, in milliseconds. @default 1000 */
  readonly overMs?: number;
}

type CountSubscribers = (query: {
  readonly names?: readonly string[];
  readonly startsWith?: string;
  readonly limit: number;
}) => Promise<ChannelCounts>;

/**
 * Lists the channels with the highest rate, counted by the stores, or with the most subscribers, counted by the
 * workers. For the rate, workers only look up the subscribers of the listed channels.
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
      // The store has already removed the channel, because its last subscriber has just left.
      ...(known.get(channel) ?? { channel, perSecond: 0, processes: 0 }),
      subscribers,
    })),
    missing,
  };
}
