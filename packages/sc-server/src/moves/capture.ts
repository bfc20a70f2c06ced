import type { IncomingMessage } from 'node:http';
import { sessionSubject } from '../sessions/sessions.js';
import type { SocketCore } from '../socket/socket-core.js';
import { userSubject } from '../socket/users.js';
import { leaving } from '../socket/subscription.js';
import type { MovedRequest, MovedSocket, MovedSubscription, ShownConnection } from './moved-socket.js';

/** Own properties of a connection that describe its client instead of the balancer. */
const shownProperties = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'encrypted',
  'servername',
  'authorized',
] as const;

/** Received bytes that have not been parsed into messages. */
export type UnreadInput = Pick<MovedSocket, 'unread' | 'fragments'>;

/** Stops reading from the client of a quiet socket. From then on the socket can only move or be closed. */
export function stopReading({ receiver, transport }: SocketCore): UnreadInput {
  const { bytes, fragments } = transport.input.handOver();
  return { unread: Buffer.concat([receiver.takeHeld(), bytes]), fragments };
}

/**
 * The state of a socket that is no longer read and has left its channels. Orders about its user may still change the
 * state, so call this in the turn in which the connection is detached.
 */
export function capture(core: SocketCore, left: readonly MovedSubscription[], input: UnreadInput): MovedSocket {
  return {
    id: core.id,
    subprotocol: core.subprotocol,
    remoteAddress: core.remoteAddress,
    request: savedRequest(core.request),
    shown: shownBy(core.request),
    dialect: core.writer.save(),
    knowsPositions: core.knowsPositions,
    knowsPresence: core.knowsPresence,
    publisher: core.publisher,
    identity: core.savedIdentity,
    // Skip subscriptions that have ended since the socket left its channels.
    subscriptions: left.filter(({ request: { channel } }) => core.subscriptions?.get(channel)?.catchUp === leaving),
    lastCallId: core.lastCallId,
    liveness: core.liveness.save(),
    kept: core.kept,
    carriedOut: [...(core.carriedOut ?? []), ...core.parts.recentOrders.idsOf(subjectsOf(core))],
    ...input,
  };
}

/** The subjects of orders that concern this socket. */
export function subjectsOf({ authToken, parts, request }: SocketCore): string[] {
  const user = parts.auth.users.userOf(authToken);
  const sessionId = request.session?.id;
  return [
    ...(user === undefined ? [] : [userSubject(user)]),
    ...(sessionId === undefined ? [] : [sessionSubject(sessionId)]),
  ];
}

/** Removes the socket from the fan-out of every channel. The fan-out first flushes the queued publications. */
export function leaveChannels({ parts, subscriptions, transport }: SocketCore): MovedSubscription[] {
  const { fanOut, feeds } = parts.channels;
  return (subscriptions?.channels ?? []).flatMap((channel) => {
    const feed = feeds.get(channel);
    const subscription = subscriptions?.get(channel);
    if (feed === undefined || subscription === undefined) return [];
    fanOut.remove(channel, transport);
    subscription.catchUp = leaving;
    const { request } = subscription;
    return [{ request, live: feed.live, count: feed.count, position: feed.position }];
  });
}

function savedRequest({ method, url, httpVersion, rawHeaders, session }: IncomingMessage): MovedRequest {
  return { method, url, httpVersion, rawHeaders, sessionId: session?.id };
}

function shownBy({ socket }: IncomingMessage): ShownConnection {
  const shown = socket as unknown as Record<string, unknown>;
  const own = shownProperties.filter((name) => Object.hasOwn(socket, name));
  const properties = Object.fromEntries(own.map((name) => [name, shown[name]]));
  return { properties, certificate: certificateOf(shown) };
}

function certificateOf(shown: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const { getPeerCertificate: read } = shown;
  if (typeof read !== 'function') return undefined;
  const { raw } = (read as () => { readonly raw?: Uint8Array })();
  return raw ?? new Uint8Array();
}
