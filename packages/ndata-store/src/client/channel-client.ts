import type { Buffer } from 'node:buffer';
import { decodeNothing, makeCall } from '../calls/call.js';
import type {
  AppendOptions,
  ChannelStore,
  JoinOptions,
  Member,
  ReadStreamOptions,
  StreamPage,
  StreamPosition,
  StreamPublication,
} from '../store/channel-store.js';
import type { Callback } from '../store/data-store.js';
import { decodeValue, encodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import { answer, attempt, toChannel } from './arguments.js';
import { DataClient } from './data-client.js';

const noBytes = new Uint8Array(0);
const defaultLimits = { maxSize: 100, maxAgeMs: 60_000 };

/** The commands about channels, over any number of shards. */
export class ChannelClient extends DataClient implements ChannelStore {
  subscribe(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => this.shardOf(toChannel(channel)).subscribe(channel)),
      callback,
    );
  }

  unsubscribe(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => this.shardOf(toChannel(channel)).unsubscribe(channel)),
      callback,
    );
  }

  subscriptions(): string[] {
    return this.shards.flatMap((shard) => shard.subscriptions());
  }

  isSubscribed(channel: string): boolean {
    return this.shardOf(channel).isSubscribed(channel);
  }

  publish(channel: string, data?: unknown, callback?: Callback<void>): Promise<void> {
    return answer(
      this.issue(() => makeCall('publish', [toChannel(channel)], undefined, encodeData(data), decodeNothing)),
      callback,
    );
  }

  /** Hot path. */
  publishPayload(channel: string, payload: Encoded): Promise<void> {
    return this.issue(() =>
      makeCall('publish', [toChannel(channel)], undefined, payload, decodeNothing),
    ) as Promise<void>;
  }

  /** Hot path. */
  publishWithoutAck(channel: string, payload: Encoded): void {
    this.issueWithoutAck(makeCall('publish', [toChannel(channel)], undefined, payload, decodeNothing));
  }

  append(
    channel: string,
    data?: unknown,
    options?: AppendOptions,
    callback?: Callback<StreamPosition>,
  ): Promise<StreamPosition> {
    return answer(
      this.issue(() => makeCall('append', [toChannel(channel)], { ...defaultLimits, ...options }, encodeData(data))),
      callback,
    );
  }

  appendPayload(channel: string, payload: Encoded, options?: AppendOptions): Promise<StreamPosition> {
    return this.issue(() =>
      makeCall('append', [toChannel(channel)], { ...defaultLimits, ...options }, payload),
    ) as Promise<StreamPosition>;
  }

  readStream(channel: string, options: ReadStreamOptions = {}, callback?: Callback<StreamPage>): Promise<StreamPage> {
    const { since, limit } = options;
    return answer(
      this.issue(() => makeCall('readStream', [toChannel(channel)], { ...since, limit }, undefined, decodePage)),
      callback,
    );
  }

  trimStream(channel: string, limits: AppendOptions, callback?: Callback<void>): Promise<void> {
    return answer(
      this.issue(() => makeCall('trimStream', [toChannel(channel)], limits, undefined, decodeNothing)),
      callback,
    );
  }

  removeStream(channel: string, callback?: Callback<boolean>): Promise<boolean> {
    return answer(
      this.issue(() => makeCall('removeStream', [toChannel(channel)])),
      callback,
    );
  }

  join(channel: string, member: string, options: JoinOptions = {}, callback?: Callback<void>): Promise<void> {
    const { info, graceMs } = options;
    return answer(
      attempt(() => {
        const call = makeCall('join', [toChannel(channel), member], { graceMs }, encodeData(info), decodeNothing);
        return this.shardOf(channel).retain(`member ${member.length}:${member}${channel}`, call);
      }),
      callback,
    );
  }

  leave(channel: string, member: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => {
        const call = makeCall('leave', [toChannel(channel), member], undefined, undefined, decodeNothing);
        return this.shardOf(channel).release(`member ${member.length}:${member}${channel}`, call);
      }),
      callback,
    );
  }

  members(channel: string, callback?: Callback<Member[]>): Promise<Member[]> {
    return answer(
      this.issue(() => makeCall('members', [toChannel(channel)], undefined, undefined, decodeMembers)),
      callback,
    );
  }

  watchMembers(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => {
        const call = makeCall('watchMembers', [toChannel(channel)], undefined, undefined, decodeNothing);
        return this.shardOf(channel).retain(`members ${channel}`, call);
      }),
      callback,
    );
  }

  unwatchMembers(channel: string, callback?: Callback<void>): Promise<void> {
    return answer(
      attempt(() => {
        const call = makeCall('unwatchMembers', [toChannel(channel)], undefined, undefined, decodeNothing);
        return this.shardOf(channel).release(`members ${channel}`, call);
      }),
      callback,
    );
  }
}

/** No data is no bytes. */
function encodeData(data: unknown): Encoded {
  return data === undefined ? noBytes : encodeValue(data);
}

function decodeMembers(buffer: Buffer, start: number, end: number): Member[] {
  return (decodeValue(buffer, start, end) as [string, unknown][]).map(([id, info]) => ({ id, info }));
}

function decodePage(buffer: Buffer, start: number, end: number): StreamPage {
  let at = start + 4 + buffer.readUInt32LE(start);
  const head = decodeValue(buffer, start + 4, at) as Omit<StreamPage, 'publications'>;
  const publications: StreamPublication[] = [];
  while (at < end) {
    const payloadStart = at + 12;
    const payloadEnd = payloadStart + buffer.readUInt32LE(at + 8);
    const payload = Uint8Array.from(buffer.subarray(payloadStart, payloadEnd));
    publications.push({ offset: buffer.readDoubleLE(at), payload });
    at = payloadEnd;
  }
  return { ...head, publications };
}
