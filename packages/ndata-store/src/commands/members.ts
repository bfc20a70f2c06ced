import { InvalidArgumentsError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { toChannel } from '../channel-name.js';
import type { StoreCore } from '../core/store-core.js';
import { memberBytes } from '../data/members.js';
import type { MembersPage } from '../data/members.js';
import type { Member } from '../member-sink.js';
import { defaultGraceMs } from '../rules/channel-rules.js';
import { decodeStored } from '../values.js';
import type { StoredValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import { decodeNothing } from './call.js';
import type { CallParts } from './call.js';
import { requireChannel } from './checks.js';
import { defineCommand } from './define.js';

/** Options of `join`. */
export interface JoinOptions {
  /** Data that others see in addition to the name. */
  readonly info?: unknown;
  /**
   * Milliseconds the user remains a member after its last link or connection is lost. @default the grace of the
   * channel's rule; 0 without a rule
   */
  readonly graceMs?: number;
  /**
   * Identifies one of several sockets of the user. The user leaves with its last socket. @default one for each client
   */
  readonly socket?: string;
}

/** A member of a channel, with the number of its sockets. */
export interface ListedMember extends Member {
  /** Sockets of the user in the channel; 0 while its last connection is lost and its grace runs. */
  readonly sockets: number;
}

/** Commands for the members of channels (presence). */
export interface MemberCommands {
  /**
   * Makes a user a member, held by this client. The user leaves if the client's link is lost for longer than the
   * grace.
   */
  join(channel: string, user: string, options?: JoinOptions, callback?: Callback<void>): Promise<void>;
  /** Removes a socket of the user. The user leaves at once if that was its last socket. */
  leave(channel: string, user: string, options?: Pick<JoinOptions, 'socket'>, callback?: Callback<void>): Promise<void>;
  /** Resolves with the current members of a channel. */
  members(channel: string, callback?: Callback<ListedMember[]>): Promise<ListedMember[]>;
  /** Resolves with the number of members of a channel. */
  memberCount(channel: string, callback?: Callback<number>): Promise<number>;
  /**
   * Starts the events `memberJoin`, `memberLeave` and `memberUpdate` for a channel. Resolves when the store has
   * acknowledged.
   */
  watchMembers(channel: string, callback?: Callback<void>): Promise<void>;
  /** Stops the member events of a channel. */
  unwatchMembers(channel: string, callback?: Callback<void>): Promise<void>;
}

/** Stands for the grace of the channel's rule, and for 0 without a rule. */
const ruled = -1;
/** Socket name of members that a client joins without naming a socket. */
const ownSocket = '';

export interface JoinDetails {
  readonly socket: string;
  readonly at: number;
  readonly graceMs: number | undefined;
}

export const join = defineCommand({
  name: 'join',
  code: 50,
  required: 2,
  call: (channel: string, user: string, details: JoinDetails, info: StoredValue): CallParts<void> => ({
    keys: [channel, user],
    options: details,
    payload: Buffer.from(info, 'latin1'),
    decode: decodeNothing,
  }),
  async client(shards, _call, channel: string, user: string, { info, graceMs, socket = ownSocket }: JoinOptions = {}) {
    if (typeof user !== 'string' || user === '') throw new InvalidArgumentsError('A member must be named by a text');
    await shards.of(toChannel(channel)).members.join({ channel, user, socket, info }, graceMs ?? ruled);
  },
  growth: (core, { keys: [channel = '', user = ''] }) => (core.members.has(channel, user) ? 0 : memberBytes),
  run(core, request, caller) {
    const [channel, user] = requireMember(request);
    const { socket, at, graceMs } = request.options;
    core.members.join(
      {
        channel,
        user,
        socket: socketOf(socket, caller.origin),
        info: request.stored(),
        at: typeof at === 'number' ? at : 0,
        graceMs: graceOf(core, channel, graceMs),
      },
      caller,
    );
    return undefined;
  },
});

/** A member in `joinMany`. The info is a stored value. */
export type JoinedEntry = readonly [
  channel: string,
  user: string,
  socket: string,
  at: number,
  info: StoredValue,
  graceMs: number | null,
  isLost: boolean,
];

/**
 * Lists all members that a process holds, in one or more frames. Members that the process held before and does not list
 * leave.
 */
export const joinMany = defineCommand({
  name: 'joinMany',
  code: 55,
  call: (
    origin: string,
    entries: readonly JoinedEntry[],
    place: { readonly isFirst: boolean; readonly isLast: boolean; readonly life: string | undefined },
  ): CallParts<string> => ({
    keys: [origin],
    options: place,
    payload: JSON.stringify(entries),
  }),
  run(core, request, caller) {
    const { members } = core;
    const entries: unknown = JSON.parse(request.payload().toString());
    if (!Array.isArray(entries)) throw new InvalidArgumentsError('`joinMany` needs a list of members');
    const { isFirst, isLast, life } = request.options;
    if (isFirst === true) members.announce(caller, request.name(), typeof life === 'string' ? life : undefined);
    for (const [channel, user, named, at, info, graceMs, isLost] of entries as JoinedEntry[]) {
      const socket = socketOf(named, caller.origin);
      members.join({ channel, user, socket, info, at, graceMs: graceOf(core, channel, graceMs) }, caller);
      // The connection was lost while the process had no link: the grace begins now.
      if (isLost) members.lose(channel, user, socket, caller);
    }
    if (isLast === true) members.renewed(caller);
    return JSON.stringify(members.life);
  },
});

export const leave = defineCommand({
  name: 'leave',
  code: 51,
  required: 2,
  call: (
    channel: string,
    user: string,
    end: { readonly socket: string; readonly isLost: boolean },
  ): CallParts<void> => ({
    keys: [channel, user],
    options: end,
    decode: decodeNothing,
  }),
  async client(shards, _call, channel: string, user: string, options: Pick<JoinOptions, 'socket'> = {}) {
    await shards.of(toChannel(channel)).members.end(channel, user, options.socket ?? ownSocket, 'left');
  },
  run(core, request, caller) {
    const [channel, user] = requireMember(request);
    const { socket, isLost } = request.options;
    const end = isLost === true ? 'lose' : 'leave';
    core.members[end](channel, user, socketOf(socket, caller.origin), caller);
    return undefined;
  },
});

/** Replies with a page of `[user, info, sockets]`, infos as stored values, in join order. */
export const members = defineCommand({
  name: 'members',
  code: 52,
  call: (channel: string): CallParts<ListedMember[]> => ({ keys: [toChannel(channel)], decode: decodeMembers }),
  run: (core, request) => pageOf(core, request),
});

export const memberCount = defineCommand({
  name: 'memberCount',
  code: 56,
  call: (channel: string): CallParts<number> => ({ keys: [toChannel(channel)] }),
  run: (core, request) => String(core.members.count(requireChannel(request))),
});

/** Replies with the page to which the later diffs apply. */
export const watchMembers = defineCommand({
  name: 'watchMembers',
  code: 53,
  call: (channel: string): CallParts<MembersPage | undefined> => ({ keys: [channel], decode: decodePage }),
  client: (shards, _call, channel: string) => shards.of(toChannel(channel)).members.events.watch(channel),
  run(core, request, caller) {
    core.members.watch(requireChannel(request), caller);
    return pageOf(core, request);
  },
});

export const unwatchMembers = defineCommand({
  name: 'unwatchMembers',
  code: 54,
  call: (channel: string): CallParts<void> => ({ keys: [channel], decode: decodeNothing }),
  client: (shards, _call, channel: string) => shards.of(toChannel(channel)).members.events.unwatch(channel),
  run(core, request, caller) {
    core.members.unwatch(requireChannel(request), caller);
    return undefined;
  },
});

function pageOf(core: StoreCore, request: CommandRequest): Buffer {
  const channel = requireChannel(request);
  const graceMs = core.options.rules.ruleOf(channel)?.presence?.graceMs ?? defaultGraceMs;
  return Buffer.from(JSON.stringify(core.members.page(channel, graceMs)));
}

function decodePage(buffer: Buffer, start: number, end: number): MembersPage | undefined {
  return end > start ? (JSON.parse(buffer.toString('utf8', start, end)) as MembersPage) : undefined;
}

function decodeMembers(buffer: Buffer, start: number, end: number): ListedMember[] {
  const page = decodePage(buffer, start, end);
  return (page?.members ?? []).map(([user, info, sockets]) => ({
    user,
    info: info === '' ? undefined : decodeStored(info),
    sockets,
  }));
}

/** A member without a socket name belongs to the process itself. */
function socketOf(socket: unknown, origin: string): string {
  return typeof socket === 'string' && socket !== '' ? socket : `process ${origin}`;
}

/** The requested grace, or else the grace of the channel's rule. */
function graceOf(core: StoreCore, channel: string, graceMs: unknown): number {
  if (typeof graceMs === 'number' && graceMs >= 0) return graceMs;
  return core.options.rules.ruleOf(channel)?.presence?.graceMs ?? (graceMs === ruled ? 0 : defaultGraceMs);
}

/** The channel and the user that a command names. */
function requireMember(request: CommandRequest): [channel: string, user: string] {
  const [channel, user] = request.keys;
  if (request.keys.length !== 2 || channel === undefined || channel === '' || user === undefined) {
    throw new InvalidArgumentsError('This command needs the name of a channel and the name of a user');
  }
  return [channel, user];
}
