import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import { encodeData } from '../values.js';
import type { Encoded } from '../values.js';
import { decodeNothing } from './call.js';
import type { Call, CallParts } from './call.js';
import { requireChannel } from './checks.js';
import { defineCommand } from './define.js';

export interface ChannelCommands {
  /** Resolves when the shard has the subscription. It is renewed whenever the link was lost. */
  subscribe(channel: string, callback?: Callback<void>): Promise<void>;
  unsubscribe(channel: string, callback?: Callback<void>): Promise<void>;
  /** Resolves when the shard has handed the publication to every subscribed link. */
  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void>;
}

export const subscribe = defineCommand({
  name: 'subscribe',
  code: 30,
  call: (channel: string): CallParts<void> => ({ keys: [channel], decode: decodeNothing }),
  client: (shards, _call, channel: string) => shards.of(toChannel(channel)).subscribe(channel),
  run(core, request, caller) {
    const channel = requireChannel(request);
    caller.channels.add(channel);
    if (core.topics.subscribe(channel, caller)) core.owner.firstSubscription?.(channel);
    return undefined;
  },
});

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
    core.publishFromClient({ channel, payload: request.payload(), offset: 0 });
    return undefined;
  },
});

/** Hot path: a publication whose payload is encoded already. */
export function publishCall(channel: string, payload: Encoded): Call<void> {
  const { name, code } = publish;
  return { name, code, keys: [toChannel(channel)], options: undefined, payload, decode: decodeNothing };
}
