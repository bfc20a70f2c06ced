import { InvalidActionError, encodeJson, type MembersAck, type MembersFrame, type SubscribeRequest } from 'sc-protocol';
import type { MembershipEnd } from 'ndata-store';
import type { SubscribeLine } from '../socket/subscribe-line.js';
import { isEnded, type Subscription, type SubscriptionsOwner } from '../socket/subscription.js';
import { maxMembersPage, type MembersReceiver } from './channel-presence.js';
import { checkInfo, type PresenceWanted } from './wanted.js';

interface Presence {
  /** The user and info (as JSON) of this socket's membership. */
  joined: { readonly user: string; readonly info: string } | undefined;
  /** Whether the socket holds the channel in `Presences`. */
  isHolding: boolean;
  receiver: MembersReceiver | undefined;
}

/** The presence of one socket: its memberships, and the channels whose members it receives. */
export class SocketPresence {
  readonly #core: SubscriptionsOwner;
  readonly #line: SubscribeLine;
  readonly #find: (channel: string) => Subscription | undefined;
  readonly #byChannel = new Map<string, Presence>();

  constructor(core: SubscriptionsOwner, line: SubscribeLine, find: (channel: string) => Subscription | undefined) {
    this.#core = core;
    this.#line = line;
    this.#find = find;
  }

  /** Waits for the members of the channel, if the subscription requests them. */
  async prepare({ channel, wanted }: Subscription): Promise<void> {
    if (wanted.presence?.members === undefined) return;
    const presence = this.#of(channel);
    const { presences } = this.#core.parts.channels;
    if (presence.isHolding) return;
    presence.isHolding = true;
    await presences.acquire(channel);
  }

  /** Applies a subscription that the current identity is allowed: joins, updates or leaves the channel. */
  apply({ channel, wanted }: Subscription): void {
    const { channels } = this.#core.parts;
    const { join = false, info, members } = wanted.presence ?? {};
    const user = this.#user();
    const json = info === undefined || info === null ? '' : encodeJson(info);
    const before = this.#byChannel.get(channel)?.joined;
    if (before !== undefined && (!join || before.user !== user)) this.#leave(channel, 'left');
    if (join && (before?.user !== user || before.info !== json)) {
      this.#of(channel).joined = { user, info: json };
      channels.presences.join({ channel, user, socket: this.#core.id, info: json === '' ? undefined : info });
    }
    if (members === undefined) this.#stopReceiving(channel);
  }

  /** The members for the subscribe ack; later changes are sent as they occur. */
  answer(channel: string): MembersAck | undefined {
    const subscription = this.#find(channel);
    const members = subscription?.wanted.presence?.members;
    const presence = this.#byChannel.get(channel);
    const channelPresence = this.#core.parts.channels.presences.get(channel);
    if (
      subscription === undefined ||
      members === undefined ||
      presence?.isHolding !== true ||
      channelPresence === undefined
    )
      return undefined;
    if (presence.receiver !== undefined) channelPresence.remove(presence.receiver);
    const { writer } = this.#core;
    presence.receiver = {
      encoding: writer.encoding,
      isCounting: members === 'count',
      send: (frame) => (subscription.held ?? writer).send(frame, 0),
    };
    return channelPresence.add(presence.receiver);
  }

  /** A page of the members of a channel. Throws if the subscription does not include the members. */
  page({ channel, after, limit = maxMembersPage }: MembersFrame): MembersAck {
    const { wanted } = this.#standing(channel);
    const presence = this.#core.parts.channels.presences.get(channel);
    if (wanted.presence?.members !== true || presence === undefined) {
      throw new InvalidActionError(`Reading the members of "${channel}" needs a subscription with \`members: true\``);
    }
    return presence.page(after, limit);
  }

  /**
   * Makes the client a member with this info, if the line "subscribe" allows it; `null` ends the membership. Throws the
   * refusal.
   */
  async setInfo(channel: string, info: unknown): Promise<void> {
    const subscription = this.#standing(channel);
    const { request } = subscription;
    if (info === null) {
      const presence = subscription.wanted.presence;
      await this.want(
        subscription,
        requestWith(request, undefined, request.members),
        presence && { ...presence, join: false },
      );
      return;
    }
    const changed = requestWith(request, { info }, request.members);
    checkInfo(changed);
    const { error, wanted } = await this.#line.ask(changed);
    if (error !== undefined) throw error.reason;
    await this.want(subscription, changed, wanted.presence);
  }

  /** Changes the presence that an active subscription requests. */
  async want(
    subscription: Subscription,
    { join, members }: SubscribeRequest,
    presence: PresenceWanted | undefined,
  ): Promise<void> {
    if (isEnded(subscription)) return;
    subscription.request = requestWith(subscription.request, join, members);
    subscription.wanted = { ...subscription.wanted, presence };
    if (subscription.held === undefined) this.apply(subscription);
    await this.prepare(subscription);
  }

  /** The identity has changed: end memberships under the previous user at once. */
  identityChanged(): void {
    const user = this.#user();
    for (const [channel, { joined }] of this.#byChannel) {
      if (joined !== undefined && joined.user !== user) this.#leave(channel, 'left');
    }
  }

  /** Whether the socket is a member of a channel or receives the members of one. */
  get isUsed(): boolean {
    return this.#byChannel.size > 0;
  }

  /** Ends the presence of an ended subscription. */
  ended(channel: string, end: MembershipEnd): void {
    this.#leave(channel, end);
    this.#stopReceiving(channel);
    this.#byChannel.delete(channel);
  }

  #standing(channel: string): Subscription {
    const subscription = this.#find(channel);
    if (subscription?.state === 'active') return subscription;
    throw new InvalidActionError(`Presence in "${channel}" needs a subscription`);
  }

  #user(): string {
    const { parts, identity, id } = this.#core;
    return parts.auth.users.userOf(identity.token) ?? id;
  }

  #of(channel: string): Presence {
    let presence = this.#byChannel.get(channel);
    if (presence === undefined) {
      presence = { joined: undefined, isHolding: false, receiver: undefined };
      this.#byChannel.set(channel, presence);
    }
    return presence;
  }

  #leave(channel: string, end: MembershipEnd): void {
    const presence = this.#byChannel.get(channel);
    if (presence?.joined === undefined) return;
    const { user } = presence.joined;
    presence.joined = undefined;
    this.#core.parts.channels.presences.end({ channel, user, socket: this.#core.id }, end);
  }

  #stopReceiving(channel: string): void {
    const presence = this.#byChannel.get(channel);
    if (presence?.isHolding !== true) return;
    const { presences } = this.#core.parts.channels;
    if (presence.receiver !== undefined) presences.get(channel)?.remove(presence.receiver);
    presence.receiver = undefined;
    presence.isHolding = false;
    presences.release(channel);
  }
}

function requestWith(
  request: SubscribeRequest,
  join: SubscribeRequest['join'],
  members: SubscribeRequest['members'],
): SubscribeRequest {
  const rest: { -readonly [Field in keyof SubscribeRequest]: SubscribeRequest[Field] } = { ...request };
  delete rest.join;
  delete rest.members;
  return { ...rest, ...(join !== undefined && { join }), ...(members !== undefined && { members }) };
}
