import type { MemberDiff } from '../../data/channel-members.js';
import { replyCodes } from '../../wire/codes.js';
import type { FrameReader } from '../../wire/frame-reader.js';
import type { LostNotice } from '../../wire/lost-notice.js';
import { readPublication } from '../../wire/publication-frame.js';
import { CommandRequest } from '../../wire/request.js';
import type { ChannelSinks } from '../channel-sinks.js';
import type { MemberWatches } from '../member-watches.js';
import type { OrderLane } from '../order-lane.js';
import type { ShardOwner } from '../shard.js';

export interface PushTargets {
  readonly owner: ShardOwner;
  readonly sinks: ChannelSinks;
  readonly orders: OrderLane;
  readonly watches: MemberWatches;
}

/** Routes a frame that is not a response. Hot path. */
export function routePush({ owner, sinks, orders, watches }: PushTargets, reader: FrameReader): void {
  const { code, buffer, start, end } = reader;
  if (code === replyCodes.publication) {
    const publication = readPublication(reader, start, end, sinks.wants);
    if (publication !== undefined) sinks.deliver(publication);
    return;
  }
  if (code === replyCodes.lost) {
    const notice = JSON.parse(buffer.toString('utf8', start, end)) as LostNotice;
    for (const [channel, live] of notice.channels) sinks.lost(channel, live);
    if (notice.changes > 0) owner.changed([], 'lost');
    for (const channel of notice.members) if (watches.missed(channel)) owner.membersLost(channel);
    return;
  }
  const push = new CommandRequest();
  push.read(buffer, start, end);
  if (code === replyCodes.change) {
    owner.changed(push.keys, String(push.options['command']));
  } else if (code === replyCodes.members) {
    watches.take(push.name(), JSON.parse(buffer.toString('utf8', push.payloadStart, end)) as MemberDiff);
  } else if (code === replyCodes.order) {
    const { number, giverNumber } = push.options;
    orders.take(push.name(), Number(giverNumber), Number(number), buffer, push.payloadStart, end);
  }
}
