import { cutForLog } from '../../log/printable.js';
import type { ServerInside } from '../../server/inside.js';
import type { SocketCore } from '../../socket/socket-core.js';
import {
  compareClients,
  maxListedClients,
  type ChannelQuery,
  type ClientQuery,
  type ClientTarget,
  type ListedClient,
  type WorkerAnswer,
  type WorkerQuestion,
} from './questions.js';

/** Answers a query of the supervisor about the clients of this worker, or carries out an action. */
export function answerQuestion(inside: ServerInside, question: WorkerQuestion): WorkerAnswer {
  switch (question.type) {
    case 'clients':
      return list(inside, question.query);
    case 'channels':
      return countSubscribers(inside, question.query);
    case 'disconnect': {
      const { target, code, reason } = question;
      return each(inside, target, (core) => core.close(code, reason));
    }
    case 'revoke':
      return each(inside, question.target, (core) => core.identity.remove(true));
    case 'kick': {
      const { target, channel, message } = question;
      return each(inside, target, (core) => core.subscriptions?.kickOut(channel, message), channel);
    }
    default:
      return question satisfies never;
  }
}

function list(inside: ServerInside, query: ClientQuery): WorkerAnswer {
  const { id, user, address, after, sort, limit } = query;
  const clients: ListedClient[] = [];
  for (const core of inside.cores) {
    if (id !== undefined && core.id !== id) continue;
    if (address !== undefined && core.remoteAddress !== address) continue;
    if (after !== undefined && core.id <= after) continue;
    const ownUser = inside.parts.auth.users.userOf(core.authToken);
    if (user !== undefined && ownUser !== user) continue;
    clients.push(describe(core, ownUser, id !== undefined));
  }
  return { clients: clients.sort(compareClients(sort)).slice(0, limit), total: clients.length };
}

/** Counts subscribers. May include a socket that has just closed. */
function countSubscribers({ parts }: ServerInside, { names, startsWith = '', limit }: ChannelQuery): WorkerAnswer {
  const { fanOut } = parts.channels;
  if (names !== undefined) return { channels: names.map((channel) => [channel, fanOut.count(channel)]) };
  const all: [string, number][] = [];
  for (const channel of fanOut.names()) {
    if (channel.startsWith(startsWith)) all.push([channel, fanOut.count(channel)]);
  }
  return { channels: all.sort(([, one], [, other]) => other - one).slice(0, limit) };
}

function describe(core: SocketCore, user: string | undefined, hasChannels: boolean): ListedClient {
  const { id, state, remoteAddress: address, transport, subscriptions, request } = core;
  const channels = subscriptions?.active() ?? [];
  return {
    id,
    ...(user !== undefined && { user: cutForLog(user) }),
    ...(address !== undefined && { address }),
    state,
    ageMs: Math.max(0, Date.now() - core.connectedAt),
    queueBytes: transport.pendingBytes,
    receivedBytes: request.socket.bytesRead,
    sentBytes: request.socket.bytesWritten,
    subscriptions: channels.length,
    ...(hasChannels && { channels: channels.slice(0, maxListedClients) }),
  };
}

/** Runs the action on every socket of the target. With a channel, only on sockets subscribed to it. */
function each(
  { cores, parts }: ServerInside,
  target: ClientTarget,
  act: (core: SocketCore) => void,
  channel?: string,
): WorkerAnswer {
  let sockets = 0;
  for (const core of [...cores]) {
    const isMeant = 'id' in target ? core.id === target.id : parts.auth.users.userOf(core.authToken) === target.user;
    if (!isMeant || core.state === 'closed') continue;
    if (channel !== undefined && core.subscriptions?.get(channel) === undefined) continue;
    act(core);
    sockets += 1;
  }
  return { sockets };
}
