import { InvalidArgumentsError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import { decodeValue, encodeData, encodeStored, storedToJson } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { CallParts } from './call.js';
import { requireChannel } from './checks.js';
import { memberBytes } from '../data/members.js';
import { defineCommand } from './define.js';

/** Options of `join`. */
export interface JoinOptions {
  /** Data that others see in addition to the id. */
  readonly info?: unknown;
  /** Milliseconds the member stays when its link is lost. @default 0 */
  readonly graceMs?: number;
}

/** A member of a channel. */
export interface Member {
  /** Id of the member, unique in the channel. */
  readonly id: string;
  /** Data that the member published about itself. */
  readonly info: unknown;
}

/** Commands for the members of channels (presence). */
export interface MemberCommands {
  /** Makes a member, held by this client: when its link is lost for longer than the grace, the member leaves. */
  join(channel: string, member: string, options?: JoinOptions, callback?: Callback<void>): Promise<void>;
  /** Removes a member from a channel. */
  leave(channel: string, member: string, callback?: Callback<void>): Promise<void>;
  /** Resolves with the current members of a channel. */
  members(channel: string, callback?: Callback<Member[]>): Promise<Member[]>;
  /** From now on `memberJoin` and `memberLeave` tell who comes and goes. Watch first, then ask for `members`. */
  watchMembers(channel: string, callback?: Callback<void>): Promise<void>;
  /** Stops the member events of a channel. */
  unwatchMembers(channel: string, callback?: Callback<void>): Promise<void>;
}

export const join = defineCommand({
  name: 'join',
  code: 50,
  call: (channel: string, member: string, { info, graceMs }: JoinOptions = {}): CallParts<void> => ({
    keys: [toChannel(channel), member],
    options: { graceMs },
    payload: encodeData(info),
  }),
  async client(shards, call, channel: string, member: string, options: JoinOptions = {}) {
    const made = call(channel, member, options);
    await shards.of(channel).retain(memberId(channel, member), made);
  },
  growth: (core, { keys: [channel = '', member = ''] }) => (core.members.has(channel, member) ? 0 : memberBytes),
  /** Makes a member of the channel, held by this caller. */
  run(core, request, caller) {
    const [channel, member] = requireMember(request);
    const graceMs = Number(request.options['graceMs'] ?? 0);
    core.members.join(channel, member, request.stored(), Number.isFinite(graceMs) ? graceMs : 0, caller);
    return undefined;
  },
});

export const leave = defineCommand({
  name: 'leave',
  code: 51,
  call: (channel: string, member: string): CallParts<void> => ({ keys: [toChannel(channel), member] }),
  async client(shards, call, channel: string, member: string) {
    const made = call(channel, member);
    await shards.of(channel).release(memberId(channel, member), made);
  },
  run(core, request, caller) {
    const [channel, member] = requireMember(request);
    core.members.leave(channel, member, caller);
    return undefined;
  },
});

/** Answers with `[[id, info], …]`, without an info where there is none, in the order they joined. */
export const members = defineCommand({
  name: 'members',
  code: 52,
  call: (channel: string): CallParts<Member[]> => ({ keys: [toChannel(channel)], decode: decodeMembers }),
  run(core, request) {
    const list = core.members.list(requireChannel(request));
    const pairs = list.map(([id, info]) => {
      const name = storedToJson(encodeStored(id));
      return info === '' ? `[${name}]` : `[${name},${storedToJson(info)}]`;
    });
    return `[${pairs.join(',')}]`;
  },
});

function decodeMembers(buffer: Buffer, start: number, end: number): Member[] {
  return (decodeValue(buffer, start, end) as [string, unknown][]).map(([id, info]) => ({ id, info }));
}

export const watchMembers = defineCommand({
  name: 'watchMembers',
  code: 53,
  call: (channel: string): CallParts<void> => ({ keys: [toChannel(channel)] }),
  async client(shards, call, channel: string) {
    const made = call(channel);
    await shards.of(channel).retain(`members ${channel}`, made);
  },
  run(core, request, caller) {
    core.members.watch(requireChannel(request), caller);
    return undefined;
  },
});

export const unwatchMembers = defineCommand({
  name: 'unwatchMembers',
  code: 54,
  call: (channel: string): CallParts<void> => ({ keys: [toChannel(channel)] }),
  async client(shards, call, channel: string) {
    const made = call(channel);
    await shards.of(channel).release(`members ${channel}`, made);
  },
  run(core, request, caller) {
    core.members.unwatch(requireChannel(request), caller);
    return undefined;
  },
});

/** Names a retained `join`. */
function memberId(channel: string, member: string): string {
  return `member ${member.length}:${member}${channel}`;
}

/** The channel and the member a command names. */
function requireMember(request: CommandRequest): [channel: string, member: string] {
  const [channel, member] = request.keys;
  if (request.keys.length !== 2 || channel === undefined || channel === '' || member === undefined) {
    throw new InvalidArgumentsError('This command needs the name of a channel and the id of a member');
  }
  return [channel, member];
}
