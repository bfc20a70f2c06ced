import type { MemberEvent } from '../../data/members.js';
import { decodeValue } from '../../values.js';
import { replyCodes } from '../../wire/codes.js';
import type { FrameReader } from '../../wire/frame-reader.js';
import { CommandRequest } from '../../wire/request.js';
import type { ShardOwner } from '../shard.js';

/** Takes what a store sends unasked. Hot path. */
export function routePush(owner: ShardOwner, reader: FrameReader): void {
  const { code, buffer, start, end } = reader;
  if (code === replyCodes.publication) {
    const channelEnd = start + 2 + buffer.readUInt16LE(start);
    const channel = buffer.toString('utf8', start + 2, channelEnd);
    const offset = buffer.readDoubleLE(channelEnd);
    owner.publication(channel, offset, reader, channelEnd + 8, end);
    return;
  }
  const notice = new CommandRequest();
  notice.read(buffer, start, end);
  if (code === replyCodes.change) {
    owner.changed(notice.keys, String(notice.options['command']));
  } else if (code === replyCodes.member) {
    const [channel = '', member = ''] = notice.keys;
    const event = notice.options['event'] as MemberEvent;
    owner.memberChanged(channel, event, member, decodeValue(buffer, notice.payloadStart, end));
  }
}
