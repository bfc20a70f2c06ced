import { InvalidArgumentsError, closeCodes, nameProblem } from 'sc-protocol';
import { canBeSent } from '../../websocket/close-code.js';
import {
  clientOrders,
  maxListedClients,
  type ChannelQuery,
  type ClientOrder,
  type ClientQuery,
  type ClientTarget,
} from './questions.js';

/** Requests of an operator about the clients of a running cluster. */
export type InspectRequest =
  | ({ readonly command: 'clients' } & Partial<ClientQuery>)
  | ({ readonly command: 'channels' } & Partial<ChannelQuery>)
  | ({ readonly command: 'disconnect'; readonly code?: number; readonly reason?: string } & ActionRequest)
  | ({ readonly command: 'revoke' } & ActionRequest)
  | ({ readonly command: 'kick'; readonly channel: string; readonly message?: string } & ActionRequest);

/** Either `id` or `user`, and the operator's name for the log. */
interface ActionRequest {
  readonly id?: string;
  readonly user?: string;
  readonly by?: string;
}

/** A validated request. */
export type CheckedRequest =
  | { readonly command: 'clients'; readonly query: ClientQuery }
  | { readonly command: 'channels'; readonly query: ChannelQuery }
  | {
      readonly command: 'disconnect';
      readonly target: ClientTarget;
      readonly code: number;
      readonly reason: string;
      readonly by: string;
    }
  | { readonly command: 'revoke'; readonly target: ClientTarget; readonly by: string }
  | {
      readonly command: 'kick';
      readonly target: ClientTarget;
      readonly channel: string;
      readonly message: string;
      readonly by: string;
    };

type Fields = Readonly<Record<string, unknown>>;

const defaultLimit = 50;
/** Maximum length of the reason in a close frame, in bytes. */
const maxReasonBytes = 123;

/** Validates a request. Throws `InvalidArgumentsError` with the field, the rule and the value. */
export function checkInspectRequest(request: InspectRequest): CheckedRequest {
  const fields = request as unknown as Fields;
  switch (request.command) {
    case 'clients':
      return { command: 'clients', query: queryOf(fields) };
    case 'channels':
      return { command: 'channels', query: channelsOf(fields) };
    case 'disconnect': {
      const { code = closeCodes.normal } = fields;
      if (typeof code !== 'number' || !canBeSent(code)) {
        throw refusal('code', 'must be a close code that can be sent', code);
      }
      const reason = text(fields, 'reason') ?? '';
      if (Buffer.byteLength(reason) > maxReasonBytes) {
        throw refusal('reason', `must be at most ${maxReasonBytes} bytes`, Buffer.byteLength(reason));
      }
      return { command: 'disconnect', target: targetOf(fields), code, reason, by: byOf(fields) };
    }
    case 'revoke':
      return { command: 'revoke', target: targetOf(fields), by: byOf(fields) };
    case 'kick': {
      const { channel } = fields;
      const problem = nameProblem(channel);
      if (problem !== undefined) throw new InvalidArgumentsError(`\`channel\` ${problem}`);
      const message = text(fields, 'message') ?? '';
      return {
        command: 'kick',
        target: targetOf(fields),
        channel: channel as string,
        message,
        by: byOf(fields),
      };
    }
    default:
      return request satisfies never;
  }
}

function queryOf(fields: Fields): ClientQuery {
  const { sort = 'id' } = fields;
  const limit = limitOf(fields);
  if (!(clientOrders as readonly unknown[]).includes(sort)) {
    throw refusal('sort', `must be one of ${clientOrders.join(', ')}`, sort);
  }
  const after = text(fields, 'after');
  if (after !== undefined && sort !== 'id') throw refusal('after', "needs sort 'id'", sort);
  const id = text(fields, 'id');
  const user = text(fields, 'user');
  const address = text(fields, 'address');
  return {
    sort: sort as ClientOrder,
    limit,
    ...(id !== undefined && { id }),
    ...(user !== undefined && { user }),
    ...(address !== undefined && { address }),
    ...(after !== undefined && { after }),
  };
}

function channelsOf(fields: Fields): ChannelQuery {
  const { names } = fields;
  const isNames = Array.isArray(names) && names.length <= maxListedClients;
  if (names !== undefined && !(isNames && names.every((name) => nameProblem(name) === undefined))) {
    throw new InvalidArgumentsError(`\`names\` must be an array of at most ${maxListedClients} names of channels`);
  }
  const startsWith = text(fields, 'startsWith');
  return {
    limit: limitOf(fields),
    ...(names !== undefined && { names: names as string[] }),
    ...(startsWith !== undefined && { startsWith }),
  };
}

function limitOf({ limit = defaultLimit }: Fields): number {
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= maxListedClients) return limit;
  throw refusal('limit', `must be a whole number from 1 to ${maxListedClients}`, limit);
}

function targetOf(fields: Fields): ClientTarget {
  const id = text(fields, 'id');
  const user = text(fields, 'user');
  if (id !== undefined && user === undefined) return { id };
  if (user !== undefined && id === undefined) return { user };
  throw new InvalidArgumentsError('Give either the `id` of a socket or a `user`');
}

function byOf(fields: Fields): string {
  return text(fields, 'by') ?? 'unknown';
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw refusal(name, 'must be text that is not empty', value);
  return value;
}

function refusal(name: string, rule: string, value: unknown): InvalidArgumentsError {
  return new InvalidArgumentsError(`\`${name}\` ${rule}, got ${JSON.stringify(value)}`);
}
