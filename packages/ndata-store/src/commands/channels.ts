import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import type { SeenPosition, SubscribedPage } from '../channel-sink.js';
import { InvalidArgumentsError } from 'sc-protocol';
import { requireWholeNumbers } from 'sc-protocol/kit';
import type { Once } from '../data/publishers.js';
import type { GapReason, StreamLimits } from '../data/stream.js';
import { encodeData } from '../values.js';
import type { Encoded } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import { decodeAny, decodeNothing } from './call.js';
import type { Call, CallParts, ReplyDecoder } from './call.js';
import { requireChannel, requireFiniteOption } from './checks.js';
import { defineCommand, defineMethod } from './define.js';
import { decodePage, emptyPage, maxPageSize, packPage, readPage } from './streams.js';
import type { StreamPosition } from './streams.js';

/** Options of `publish`. */
export interface PublishOptions {
  /** The publication is never kept, has no position, and may be dropped under pressure. @default false */
  readonly volatile?: boolean;
  /** The publisher. It numbers its publications of the channel with `seq`; each number is published once. */
  readonly publisher?: string;
  /** The number of the publication, from 1. */
  readonly seq?: number;
  /** Deduplication id, in place of `publisher` and `seq`: within 5 minutes, the same id is published once. */
  readonly id?: string;
  /**
   * Keeps the publication in the channel's stream, as `append` does. @default only where a channel rule keeps history
   */
  readonly keep?: KeepLimits;
  /**
   * Text for the processes that deliver the publication, at most 1024 bytes. It is not kept in the channel's stream.
   * @default none
   */
  readonly headers?: string;
}

/** Limits of the stream of a channel without a rule. */
export interface KeepLimits {
  /** Maximum number of publications in the stream. @default 100 */
  readonly maxSize?: number;
  /** Maximum age of a publication, in milliseconds. @default 60000 */
  readonly maxAgeMs?: number;
}

/**
 * The position of a publication; `undefined` when its channel keeps no history. For a duplicate it is the position of
 * the first publication; its epoch is empty when the channel keeps no history.
 */
export type Published = (StreamPosition & { readonly duplicate?: true }) | undefined;

/** Commands for channels. */
export interface ChannelCommands {
  /** Subscribes to a channel. Resolves when the shard has acknowledged. The client resubscribes after a link loss. */
  subscribe(channel: string, callback?: Callback<void>): Promise<void>;
  /** Ends the subscription of a channel. */
  unsubscribe(channel: string, callback?: Callback<void>): Promise<void>;
  /**
   * Publishes. Resolves when the shard has passed the publication to every subscribed link, with its position if the
   * channel keeps history.
   */
  publish(channel: string, data: unknown, callback: Callback<Published>): Promise<Published>;
  /** Publishes with options, as above. */
  publish(
    channel: string,
    data?: unknown,
    options?: PublishOptions,
    callback?: Callback<Published>,
  ): Promise<Published>;
  /**
   * Publishes, and keeps the publication in the channel's stream. Resolves with its position. The channel's rule sets
   * the limits of the stream. Without a rule, the first `append` of a channel creates its stream and sets the limits;
   * from then on every publication of the channel is kept, until `removeStream`. Rejects when the channel's rule keeps
   * no history.
   */
  append(
    channel: string,
    data?: unknown,
    limits?: KeepLimits,
    callback?: Callback<StreamPosition>,
  ): Promise<StreamPosition>;
}

/**
 * Subscribes, and replies in the same step with the top of the stream, the live count, and the publications missed
 * since the position in the options, packed as `readStream` does. Later publications follow the reply.
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
    // Create the stream at the first subscription, so its position is valid before the first publication.
    const stream = core.history.open(channel, core.now());
    if (stream === undefined) return emptyPage(JSON.stringify(noStreamHead(counted, request)));
    // Leave out publications whose log write is still in flight: they are delivered when it completes.
    const [head, entries] = readPage(core, stream, request, { newest: 0, top: stream.delivered });
    return packPage({ ...head, ...counted, ...(core.history.isLast(channel) && { last: true }) }, entries);
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

/**
 * The channel's live count, and the number of missed publications if the caller's position belongs to the same count.
 */
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
  // Request all missed publications in one page.
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
  call: (channel: string, data?: unknown, options?: PublishOptions): CallParts<Published> => ({
    keys: [toChannel(channel)],
    options: sentOptions(options),
    payload: encodeData(data),
    isRepeatable: isRepeatable(options),
  }),
  /** Hot path. The payload is passed on as received. Only the store decides which publications are kept. */
  run(core, request) {
    const isVolatile = request.options['volatile'] === true;
    const channel = requireChannel(request);
    const once = isVolatile ? undefined : onceOf(request);
    const before = once && core.findPublished(channel, once);
    if (before !== undefined) {
      const epoch = before > 0 ? (core.streams.get(channel)?.epoch ?? '') : '';
      return JSON.stringify({ epoch, offset: before, duplicate: true });
    }
    const headers = headersOf(request);
    const stream = core.publish(channel, request.payload(), isVolatile, true, {
      keep: keepLimits(request),
      once,
      headers,
    });
    return stream === undefined ? undefined : JSON.stringify({ epoch: stream.epoch, offset: stream.top });
  },
});

/** Hot path. Makes the call for a publication whose payload is already encoded. */
export function publishCall(
  channel: string,
  payload: Encoded,
  options?: PublishOptions,
  orderedBy?: string,
): Call<Published> {
  const { name, code } = publish;
  const keys = [toChannel(channel)];
  const sent = sentOptions(options);
  return {
    name,
    code,
    keys,
    options: sent,
    payload,
    decode: decodeAny,
    isRepeatable: isRepeatable(options),
    orderedBy,
  };
}

export const append = defineMethod(
  (shards, channel: string, data?: unknown, limits: KeepLimits = {}) =>
    publish.client(shards, channel, data, { keep: limits }) as Promise<StreamPosition>,
  1,
);

const volatileOptions = { volatile: true };
/** Characters of a publisher or id that are compared; longer ones are cut. */
const maxOnceLength = 128;
const maxHeaderBytes = 1024;

function checkHeaders(headers: string): string {
  if (Buffer.byteLength(headers) <= maxHeaderBytes) return headers;
  throw new InvalidArgumentsError(`Headers of a publication must be at most ${maxHeaderBytes} bytes`);
}

/** The headers of the publication for the delivering processes, if any. */
function headersOf({ options }: CommandRequest): string | undefined {
  const { headers } = options;
  return typeof headers === 'string' ? checkHeaders(headers) : undefined;
}

function sentOptions(options: PublishOptions | undefined): object | undefined {
  if (options?.headers !== undefined) {
    const { headers, ...others } = options;
    return { ...sentOptions(others), headers: checkHeaders(headers) };
  }
  if (options?.volatile === true) return volatileOptions;
  if (options?.keep === undefined) return options && onceOptions(options);
  const { maxSize = 100, maxAgeMs = 60_000 } = options.keep;
  requireWholeNumbers({ maxSize, maxAgeMs }, ['maxSize', 'maxAgeMs'], { min: 1, max: Number.MAX_SAFE_INTEGER });
  return { maxSize, maxAgeMs, ...onceOptions(options) };
}

/** Whether the store deduplicates the publication, so resending it is safe. */
function isRepeatable(options: PublishOptions | undefined): boolean {
  return options?.id !== undefined || options?.seq !== undefined;
}

function onceOptions({ publisher, seq, id }: PublishOptions): object | undefined {
  if (publisher !== undefined && seq !== undefined) return { publisher, seq };
  return id === undefined ? undefined : { id };
}

/** Hot path. The deduplication key of the publication, if any. */
function onceOf({ options }: CommandRequest): Once | undefined {
  const { publisher, seq, id } = options;
  if (typeof publisher === 'string' && Number.isSafeInteger(seq) && (seq as number) > 0) {
    return { publisher: publisher.slice(0, maxOnceLength), seq: seq as number };
  }
  return typeof id === 'string' && id !== '' ? { id: id.slice(0, maxOnceLength) } : undefined;
}

/** Hot path. The limits that the publisher requests, if any. */
function keepLimits(request: CommandRequest): StreamLimits | undefined {
  if (request.options['maxSize'] === undefined) return undefined;
  return {
    maxSize: Math.max(1, requireFiniteOption(request, 'maxSize')),
    maxAgeMs: Math.max(1, requireFiniteOption(request, 'maxAgeMs')),
  };
}
