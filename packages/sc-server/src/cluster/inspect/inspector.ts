import type { Logger } from '../../log/logger.js';
import { cutForLog } from '../../log/printable.js';
import type { WorkerProcesses } from '../pools/pools.js';
import { tell } from '../pools/tell.js';
import { checkInspectRequest, type InspectRequest } from './inspect-requests.js';
import {
  compareClients,
  type ChannelQuery,
  type ChannelSubscribers,
  type ClientQuery,
  type ClientTarget,
  type ListedClient,
  type WorkerAnswer,
  type WorkerQuestion,
} from './questions.js';

/** A list of clients of the whole cluster. */
export interface ClientList {
  readonly clients: readonly (ListedClient & { readonly worker: number })[];
  /** Number of clients that match the query, including clients not listed. */
  readonly total: number;
  /** The `after` of the next page, if the list is ordered by id and there is another page. */
  readonly next?: string;
  /** Workers that did not answer in time. */
  readonly missing: readonly number[];
}

/** Subscribers of channels in the whole cluster, most subscribers first. */
export interface ChannelCounts {
  readonly channels: readonly ChannelSubscribers[];
  /** Workers that did not answer in time. */
  readonly missing: readonly number[];
}

/** Outcome of an action on clients. */
export interface ActionResult {
  /** Number of sockets disconnected or kicked out of the channel. */
  readonly sockets: number;
  /** Workers that did not respond in time; they carry out the action later. */
  readonly missing: readonly number[];
}

interface Asked {
  /** Pending processes with their worker id: during a reload a worker has two processes. */
  readonly waiting: Map<object, number>;
  readonly answers: { readonly worker: number; readonly answer: WorkerAnswer }[];
  readonly settle: () => void;
}

/** Details of an action, for the log. */
type Details = { readonly by: string } & Readonly<Record<string, unknown>>;

/** Time limit for the workers' responses, in milliseconds. */
const answerTimeoutMs = 3_000;

/** Queries the workers of a cluster about their clients on an operator's request. No data is collected otherwise. */
export class Inspector {
  readonly #workers: WorkerProcesses;
  readonly #logger: Logger;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(workers: WorkerProcesses, logger: Logger) {
    this.#workers = workers;
    this.#logger = logger;
    workers.on('message', (member, message) => {
      if (message.type === 'answer') this.#settle(message.askId, member, message.answer);
    });
    workers.on('exit', (_report, member) => {
      for (const askId of [...this.#asked.keys()]) this.#settle(askId, member, undefined);
    });
  }

  /** Carries out a request. Rejects with `InvalidArgumentsError`. */
  async answer(request: InspectRequest): Promise<ClientList | ChannelCounts | ActionResult> {
    const checked = checkInspectRequest(request);
    switch (checked.command) {
      case 'clients':
        return this.#clients(checked.query);
      case 'channels':
        return this.#channels(checked.query);
      case 'disconnect': {
        const { command: type, target, code, reason, by } = checked;
        return this.#act({ type, target, code, reason }, target, { code, reason: cutForLog(reason), by });
      }
      case 'revoke': {
        const { command: type, target, by } = checked;
        return this.#act({ type, target }, target, { by });
      }
      case 'kick': {
        const { command: type, target, channel, message, by } = checked;
        return this.#act({ type, target, channel, message }, target, { channel, message: cutForLog(message), by });
      }
      default:
        return checked satisfies never;
    }
  }

  async #clients(query: ClientQuery): Promise<ClientList> {
    const { answers, missing } = await this.#ask({ type: 'clients', query });
    const all = answers.flatMap(({ worker, answer }) =>
      'clients' in answer ? answer.clients.map((client) => ({ ...client, worker })) : [],
    );
    const total = answers.reduce((sum, { answer }) => sum + ('total' in answer ? answer.total : 0), 0);
    const clients = all.sort(compareClients(query.sort)).slice(0, query.limit);
    const last = clients.at(-1);
    const hasNext = query.sort === 'id' && last !== undefined && total > clients.length;
    return { clients, total, ...(hasNext && { next: last.id }), missing };
  }

  /** Collects the top channels of each worker, then counts these channels on all workers. */
  async #channels(query: ChannelQuery): Promise<ChannelCounts> {
    const { answers, missing } = await this.#ask({ type: 'channels', query });
    const counts = new Map<string, number>();
    for (const { answer } of answers) {
      if (!('channels' in answer)) continue;
      for (const [channel, subscribers] of answer.channels) {
        counts.set(channel, (counts.get(channel) ?? 0) + subscribers);
      }
    }
    if (query.names === undefined && answers.length > 1) {
      const all = await this.#channels({ names: [...counts.keys()], limit: query.limit });
      return { ...all, missing: [...new Set([...missing, ...all.missing])] };
    }
    const channels = [...counts].sort(([, one], [, other]) => other - one).slice(0, query.limit);
    return { channels, missing };
  }

  /** Logs every action: what was done, to which clients, by which operator, and why. */
  async #act(question: WorkerQuestion, target: ClientTarget, details: Details): Promise<ActionResult> {
    const { answers, missing } = await this.#ask(question);
    const sockets = answers.reduce((sum, { answer }) => sum + ('sockets' in answer ? answer.sockets : 0), 0);
    this.#logger.info('An operator changed clients', {
      action: question.type,
      ...('id' in target ? { socketId: cutForLog(target.id) } : { user: cutForLog(target.user) }),
      ...details,
      by: cutForLog(details.by),
      sockets,
      ...(missing.length > 0 && { workersMissing: missing }),
    });
    return { sockets, missing };
  }

  async #ask(question: WorkerQuestion): Promise<Pick<Asked, 'answers'> & { readonly missing: number[] }> {
    const askId = ++this.#lastId;
    const members = this.#workers.members.filter(({ state }) => state === 'ready' || state === 'stopping');
    const answers: Asked['answers'] = [];
    const waiting = new Map<object, number>(members.map((member) => [member, member.id]));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, answerTimeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#asked.set(askId, { waiting, answers, settle });
      for (const member of members) tell(member, { type: 'ask', askId, question });
      if (members.length === 0) settle();
    });
    this.#asked.delete(askId);
    return { answers, missing: [...new Set(waiting.values())] };
  }

  #settle(askId: number, member: { readonly id: number }, answer: WorkerAnswer | undefined): void {
    const asked = this.#asked.get(askId);
    if (asked?.waiting.delete(member) !== true) return;
    if (answer !== undefined) asked.answers.push({ worker: member.id, answer });
    if (asked.waiting.size === 0) asked.settle();
  }
}
