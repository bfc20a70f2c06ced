import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import type { SeenPosition, SubscribedPage } from '../channel-sink.js';
import { Publication } from '../data/publication.js';
import { encodeData } from '../values.js';
import type { Encoded } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import { decodeNothing } from './call.js';
import type { Call, CallParts, ReplyDecoder } from './call.js';
import { requireChannel } from './checks.js';
import { defineCommand } from './define.js';
import { decodePage, maxPageSize, packPage, readPage } from './streams.js';

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
    const stream = core.streams.get(channel);
    // What is being written is delivered when it is.
    const [head, entries] =
      stream === undefined
        ? [noStream(request), []]
        : readPage(core, stream, request, { newest: 0, top: stream.delivered });
    caller.channels.add(channel);
    const { isFirst, live, count } = core.topics.subscribe(channel, caller);
    if (isFirst) core.owner.firstSubscription?.(channel);
    const name = `${core.incarnation}-${count}`;
    const { live: seen, count: seenCount } = request.options;
    const isSameCount = typeof seen === 'number' && seenCount === name;
    return packPage({ ...head, live, count: name, ...(isSameCount && { missed: Math.max(0, live - seen) }) }, entries);
  },
});

function noStream({ options }: CommandRequest): object {
  const reason = options['epoch'] === undefined ? {} : { reason: 'epoch' };
  return { epoch: '', top: 0, recovered: false, hasMore: false, ...reason };
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
