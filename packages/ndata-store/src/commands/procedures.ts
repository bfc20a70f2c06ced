import { InvalidArgumentsError, NoHandlerError, StoreError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { toKeys } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import { encodeValue } from '../values.js';
import type { CallParts } from './call.js';
import { defineCommand, defineMethod } from './define.js';
import type { CallShard, CallShards } from './define.js';

/** Options of `invoke`. */
export interface InvokeOptions {
  /** Runs the procedure on the shard of this key. @default the procedure's name */
  readonly key?: KeyChain;
}

/** Options of `query`. */
export interface QueryOptions {
  /** Variables of the function. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Root of the function's `dataMap`. The function runs on the shard of this chain. */
  readonly baseKey?: KeyChain;
}

/** A function whose source is sent to a store: `(dataMap, dataExpirer, channelMap) => value`. */
export type QueryFunction = ((...args: never[]) => unknown) & {
  /** Variables of the function. */
  data?: Readonly<Record<string, unknown>>;
};

/** Commands for procedures of the store controller. */
export interface ProcedureCommands {
  /** Calls a procedure that the store's controller has defined. */
  invoke(procedure: string, data?: unknown, options?: InvokeOptions, callback?: Callback<unknown>): Promise<unknown>;
}

/** Commands that send the source of a function to the store. */
export interface QueryCommands {
  /**
   * Sends the function's source to the store, which runs it. Stores reject this unless `unsafeQueryFunctions` is on,
   * because the function has full access to the store's process. Prefer `invoke`.
   */
  run(query: QueryFunction, options?: QueryOptions, callback?: Callback<unknown>): Promise<unknown>;
  /** Like `run`, with the variables as second argument. */
  query(query: QueryFunction, data?: QueryOptions['data'], callback?: Callback<unknown>): Promise<unknown>;
}

/** Commands that send data to the store controller. */
export interface SendCommands {
  /** Sends data to a store's controller. Resolves with the controller's reply. */
  send(data: unknown, options?: InvokeOptions, callback?: Callback<unknown>): Promise<unknown>;
}

/** Calls a procedure of the store's controller. Watchers and the log receive its writes command by command. */
export const invoke = defineCommand({
  name: 'invoke',
  code: 60,
  required: 1,
  call: (procedure: string, data?: unknown): CallParts<unknown> => ({
    keys: [procedure],
    payload: data === undefined ? undefined : encodeValue(data),
  }),
  client: (shards, call, procedure: string, data?: unknown, options: InvokeOptions = {}) =>
    shardAt(shards, options.key ?? procedure).call(call(procedure, data)),
  run(core, request) {
    if (core.procedures === undefined) throw new NoHandlerError('This store has no procedures');
    return core.procedures.invoke(request.name(), request.stored());
  },
});

/** Runs a function received as source text, if the operator allows it. */
export const run = defineCommand({
  name: 'run',
  code: 61,
  call: (query: QueryFunction, { data, baseKey }: QueryOptions): CallParts<unknown> => ({
    keys: toKeys(baseKey ?? []),
    payload: encodeValue({ source: Function.prototype.toString.call(query), data: data ?? query.data ?? {} }),
  }),
  client: (shards, call, query: QueryFunction, options: QueryOptions = {}) => {
    if (typeof query !== 'function') throw new InvalidArgumentsError('`run` needs a function');
    return shardAt(shards, options.baseKey ?? []).call(call(query, options));
  },
  run(core, request) {
    if (!core.options.unsafeQueryFunctions || core.procedures === undefined) {
      throw new StoreError('This store runs no functions sent by clients', {
        remedy: 'Define a procedure in the store controller and invoke it.',
      });
    }
    return core.procedures.runSource(request.stored(), request.keys);
  },
});

export const query = defineMethod(
  (shards, fn: QueryFunction, data?: QueryOptions['data']): Promise<unknown> =>
    run.client(shards, fn, data === undefined ? {} : { data }),
  1,
);

/** Passes data to the store's controller, which replies. */
export const send = defineCommand({
  name: 'send',
  code: 63,
  call: (data: unknown): CallParts<unknown> => ({ keys: [], payload: encodeValue(data) }),
  client: (shards, call, data: unknown, options: InvokeOptions = {}) =>
    shardAt(shards, options.key ?? []).call(call(data)),
  run(core, request) {
    if (core.procedures === undefined) throw new NoHandlerError('No listener for messages in this store');
    return core.procedures.message(request.stored());
  },
});

function shardAt(shards: CallShards, key: KeyChain): CallShard {
  return shards.of(toKeys(key)[0] ?? '');
}
