import type { ServerResponse } from 'node:http';
import type { PublishOptions } from 'ndata-store';
import { InvalidArgumentsError, nameProblem } from 'sc-protocol';
import { encodePayload } from '../channels/payload.js';
import { readHistory } from '../channels/history.js';
import { channelOrders, listChannels, type ChannelOrder } from '../cluster/inspect/channel-list.js';
import type { ChannelCounts } from '../cluster/inspect/inspector.js';
import { tailChannel } from '../cluster/inspect/tail-channel.js';
import { cutForLog } from '../log/printable.js';
import type { AdminRequest } from './admin-messages.js';
import type { AdminSetting } from './admin-setting.js';

type Input = Readonly<Record<string, unknown>>;

interface RouteCall extends AdminSetting {
  readonly input: Input;
  /** Name of the operator, for the log. */
  readonly by: string;
  readonly response: ServerResponse;
  /** Aborted when the client disconnects or the server closes. */
  readonly aborted: AbortSignal;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly run: (call: RouteCall) => unknown;
}

/** Maximum number of bytes buffered for a slow reader of a tail; beyond it, publications are skipped. */
const maxTailBytes = 256 * 1024;

/** All routes of the admin port, by path. */
export const routes: Readonly<Record<string, Route>> = {
  '/api/status': { method: 'GET', run: ({ ask }) => ask({ command: 'status' }) },
  '/api/clients': { method: 'GET', run: ({ ask, input }) => ask({ ...input, command: 'clients' }) },
  '/api/channels': { method: 'GET', run: channels },
  '/api/history': { method: 'GET', run: history },
  '/api/presence': {
    method: 'GET',
    run: async ({ store, input }) => ({ members: await store.members(channelOf(input)) }),
  },
  '/api/tail': { method: 'GET', run: tail },
  '/api/publish': { method: 'POST', run: publish },
  '/api/disconnect': { method: 'POST', run: ({ ask, input }) => ask({ ...input, command: 'disconnect' }) },
  '/api/kick': { method: 'POST', run: ({ ask, input }) => ask({ ...input, command: 'kick' } as AdminRequest) },
  '/api/revoke': { method: 'POST', run: ({ ask, input }) => ask({ ...input, command: 'revoke' }) },
  '/api/reload': {
    method: 'POST',
    run(call) {
      audit(call, 'reload');
      return call.ask({ command: 'reload' });
    },
  },
  '/api/drain': {
    method: 'POST',
    run(call) {
      const { overMs } = call.input;
      if (overMs !== undefined && typeof overMs !== 'number') throw refusal('overMs', 'must be a number', overMs);
      audit(call, 'drain', { overMs });
      return call.ask({ command: 'drain', ...(overMs !== undefined && { overMs }) });
    },
  },
};

function channels({ store, ask, input }: RouteCall): Promise<unknown> {
  const { sort = 'rate', limit = 20, overMs = 1_000, startsWith } = input;
  if (!(channelOrders as readonly unknown[]).includes(sort)) {
    throw refusal('sort', `must be one of ${channelOrders.join(', ')}`, sort);
  }
  // The store validates its numbers, and the supervisor validates the limit again.
  return listChannels(store, (query) => ask({ command: 'channels', ...query }) as Promise<ChannelCounts>, {
    sort: sort as ChannelOrder,
    limit: limit as number,
    overMs: overMs as number,
    ...(typeof startsWith === 'string' && startsWith !== '' && { startsWith }),
  });
}

async function history({ store, input }: RouteCall): Promise<unknown> {
  const channel = channelOf(input);
  const { limit = 100, epoch, offset } = input;
  const hasPosition = typeof epoch === 'string' && typeof offset === 'number' && Number.isSafeInteger(offset);
  if (!hasPosition && (epoch !== undefined || offset !== undefined)) {
    throw new InvalidArgumentsError('A position needs both `epoch` and a whole `offset`');
  }
  return readHistory(store, channel, { limit: limit as number, ...(hasPosition && { since: { epoch, offset } }) });
}

/** Writes each publication as a line of JSON until the reader disconnects. */
async function tail({ store, input, response, aborted }: RouteCall): Promise<void> {
  const channel = channelOf(input);
  const { history: past = 0 } = input;
  if (typeof past !== 'number' || !Number.isInteger(past) || past < 0 || past > 1_000) {
    throw refusal('history', 'must be a whole number from 0 to 1000', past);
  }
  const write = (line: object): void => {
    if (aborted.aborted) return;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (response.writableLength <= maxTailBytes) response.write(`${JSON.stringify(line)}\n`);
  };
  const stop = await tailChannel(store, channel, {
    history: past,
    onPublication: (publication) => write(publication),
    onSkipped: (skipped) => write({ skipped }),
    onProblem: ({ message }) => write({ problem: message }),
  });
  write({ open: channel });
  if (!aborted.aborted) await new Promise((resolve) => aborted.addEventListener('abort', resolve, { once: true }));
  await stop();
  response.end();
}

async function publish(call: RouteCall): Promise<unknown> {
  const { store, input } = call;
  const channel = channelOf(input);
  const { data, id } = input;
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw refusal('id', 'must be text that is not empty', id);
  const isVolatile = input['volatile'] ?? false;
  if (typeof isVolatile !== 'boolean') throw refusal('volatile', 'must be true or false', isVolatile);
  const options: PublishOptions = { ...(isVolatile && { volatile: true }), ...(id !== undefined && { id }) };
  const position = await store.publishPayload(channel, encodePayload(data), options);
  return { position: position ?? null };
}

function channelOf({ channel }: Input): string {
  const problem = nameProblem(channel);
  if (problem !== undefined) throw new InvalidArgumentsError(`\`channel\` ${problem}`);
  return channel as string;
}

/** Logs an operator's action. Actions on clients are logged by the supervisor, with their outcome. */
function audit({ logger, by }: RouteCall, action: string, details: object = {}): void {
  logger.info('An operator asked for an action', { action, by: cutForLog(by), ...details });
}

function refusal(name: string, rule: string, value: unknown): InvalidArgumentsError {
  return new InvalidArgumentsError(`\`${name}\` ${rule}, got ${JSON.stringify(value)}`);
}
