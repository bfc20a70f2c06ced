import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import type { SeenPosition, SubscribedPage } from '../channel-sink.js';
import type { GapReason } from '../data/stream.js';
import { Publication } from '../data/publication.js';
import { encodeData } from '../values.js';
import type { Encoded } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import { decodeNothing } from './call.js';
import type { Call, CallParts, ReplyDecoder } from './call.js';
import { requireChannel } from './checks.js';
import { defineCommand } from './define.js';
import { decodePage, emptyPage, maxPageSize, packPage, readPage } from './streams.js';

export interface ChannelCommands {
  /** Resolves when the shard has the subscription. It is renewed whenever the link was lost. */
  subscribe(channel: string, callback?: Callback<void>): Promise<void>;
  unsubscribe(channel: string, callback?: Callback<void>): Promise<void>;
  /** Resolves when the shard has handed the publication to every subscribed link. */
  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void>;
}

/**
 * Subscribes, and replies in the same step with the end of the stream and of the count, and with what the caller has missed
 * since the position in its options, packed as `readStream` does. Publications from now on follow the reply.
 */
export const subscribe = defineCommand({
  name: 'subscribe',
  code: 30,
  call: (channel: string, seen?: SeenPosition): CallParts<SubscribedPage> => ({
    keys: [channel],
    options: seen && seenOptions(seen),
    decode: decodePage as ReplyDecoder<SubscribedPage>,
  }),
  client: (shards, _call, channel: string) => shards.of(toChannel(channel)).subscribe(channel),
  run(core, request, caller) {
    const channel = requireChannel(request);
    caller.channels.add(channel);
    const { isFirst, live, count } = core.topics.subscribe(channel, caller);
    if (isFirst) core.owner.firstSubscription?.(channel);
    const counted = countHead(`${core.incarnation}-${count}`, live, request);
    const stream = core.streams.get(channel);
    if (stream === undefined) return emptyPage(JSON.stringify(noStreamHead(counted, request)));
    // What is being written is delivered when it is.
    const [head, entries] = readPage(core, stream, request, { newest: 0, top: stream.delivered });
    return packPage({ ...head, ...counted }, entries);
  },
});

interface CountHead {
  live: number;
  count: string;
  missed?: number;
  epoch?: string;
  top?: number;
  recovered?: boolean;
  hasMore?: boolean;
  reason?: GapReason;
}

/** Where the count of the channel is, and how many publications the caller has missed if it knows this count. */
function countHead(count: string, live: number, { options }: CommandRequest): CountHead {
  const { live: seen, count: seenCount } = options;
  if (typeof seen !== 'number' || seenCount !== count) return { live, count };
  return { live, count, missed: Math.max(0, live - seen) };
}

function noStreamHead(head: CountHead, { options }: CommandRequest): CountHead {
  head.epoch = '';
  head.top = 0;
  head.recovered = false;
  head.hasMore = false;
  if (options['epoch'] !== undefined) head.reason = 'epoch';
  return head;
}

function seenOptions({ position, live, count }: SeenPosition): object {
  // What was missed is wanted whole.
  const page = position === undefined ? undefined : { ...position, limit: maxPageSize };
  return { ...page, ...(live !== undefined && count !== undefined && { live, count }) };
}

export const unsubscribe = defineCommand({
  name: 'unsubscribe',
  code: 31,
  call: (channel: string): CallParts<void> => ({ keys: [channel], decode: decodeNothing }),
  client: (shards, _call, channel: string) => shards.of(toChannel(channel)).unsubscribe(channel),
  run(core, request, caller) {
    const channel = requireChannel(request);
    caller.channels.delete(channel);
    if (core.topics.unsubscribe(channel, caller)) core.owner.lastUnsubscription?.(channel);
    return undefined;
  },
});

export const publish = defineCommand({
  name: 'publish',
  code: 32,
  required: 1,
  call: (channel: string, data?: unknown): CallParts<void> => ({
    keys: [toChannel(channel)],
    payload: encodeData(data),
    decode: decodeNothing,
  }),
  /** Hot path. The payload is passed on as it came. */
  run(core, request) {
    const channel = requireChannel(request);
    core.publishFromClient(new Publication(channel, request.payload(), request.options['volatile'] === true));
    return undefined;
  },
});

export interface PublishOptions {
  /** It may be dropped under pressure, and is never kept. @default false */
  readonly volatile?: boolean;
}

const volatileOptions = { volatile: true };

/** Hot path: a publication whose payload is encoded already. */
export function publishCall(channel: string, payload: Encoded, options?: PublishOptions): Call<void> {
  const { name, code } = publish;
  const sent = options?.volatile === true ? volatileOptions : undefined;
  return { name, code, keys: [toChannel(channel)], options: sent, payload, decode: decodeNothing };
}
