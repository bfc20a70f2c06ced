import { InvalidArgumentsError } from 'sc-protocol';
import type { Encoded } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import { decodeNothing } from './call.js';
import type { CallParts } from './call.js';
import { requireFiniteOption } from './checks.js';
import { defineCommand } from './define.js';

/** A process that receives orders. */
export interface OrderMember {
  readonly id: string;
  /** The run of the store that the process had joined before. */
  readonly store: string | undefined;
  /** Process id, if the store runs on the same machine. */
  readonly pid: number | undefined;
}

export interface JoinedOrders {
  readonly store: string;
  /** Whether the member has missed no order. */
  readonly isComplete: boolean;
}

/** Makes the caller a member that receives every order. */
export const joinOrders = defineCommand({
  name: 'joinOrders',
  code: 70,
  call: (member: OrderMember): CallParts<JoinedOrders> => ({ keys: [], options: member }),
  run(core, request, caller) {
    const { id, store, pid } = request.options;
    if (typeof id !== 'string' || id === '') throw new InvalidArgumentsError('`id` must be a text that is not empty');
    const isComplete = core.orders.join(caller, {
      id,
      store: typeof store === 'string' ? store : undefined,
      pid: typeof pid === 'number' ? pid : undefined,
    });
    return JSON.stringify({ store: core.incarnation, isComplete });
  },
});

export const leaveOrders = defineCommand({
  name: 'leaveOrders',
  code: 71,
  call: (): CallParts<void> => ({ keys: [], decode: decodeNothing }),
  run(core, _request, caller) {
    core.orders.leave(caller);
    return undefined;
  },
});

/** Sends an order to every member. Replies when all have confirmed it; fails if a member could not carry it out. */
export const giveOrder = defineCommand({
  name: 'giveOrder',
  code: 72,
  call: (giver: string, number: number, payload: Encoded): CallParts<void> => ({
    keys: [giver],
    options: { number },
    payload,
    decode: decodeNothing,
  }),
  run(core, request) {
    const given = core.orders.give(giverOf(request), requireFiniteOption(request, 'number'), request.stored());
    return given.then(() => undefined);
  },
});

/** Confirms that the caller has carried an order out, or reports why it could not. */
export const confirmOrder = defineCommand({
  name: 'confirmOrder',
  code: 73,
  call: (number: number, failure: string | undefined): CallParts<void> => ({
    keys: [],
    options: { number, failure },
    decode: decodeNothing,
  }),
  run(core, request, caller) {
    const { failure } = request.options;
    const number = requireFiniteOption(request, 'number');
    core.orders.confirm(caller, number, typeof failure === 'string' ? failure : undefined);
    return undefined;
  },
});

function giverOf(request: CommandRequest): string {
  const [giver] = request.keys;
  if (giver === undefined || giver === '') throw new InvalidArgumentsError('This command needs the id of its giver');
  return giver;
}
