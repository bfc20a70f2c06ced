import type { ReadyReply, Reply } from '../core/command.js';
import type { Caller } from '../core/caller.js';
import type { Command, StoreCore } from '../core/store-core.js';
import type { CommandRequest } from '../wire/request.js';
import { chainBytes } from '../data/tree-node.js';
import { decodeAny } from './call.js';
import type { Call, CallParts } from './call.js';
import type { Membership, MembershipEnd } from '../member-sink.js';

/** A shard, as the client half of a command sees it. */
export interface CallShard {
  /** Sends a command. Rejects with an error of the registry; never throws. */
  call<Result>(call: Call<Result>): Promise<Result>;
  /** Sends a command whose effect ends with the link: now, and again after each reconnect. */
  retain(id: string, call: Call): Promise<unknown>;
  /** Ends a retained command by sending the command that undoes it. */
  release(id: string, undo: Call): Promise<unknown>;
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** The members that this client holds. */
  readonly members: {
    join(membership: Membership, graceMs: number): Promise<void>;
    end(channel: string, user: string, socket: string, end: MembershipEnd): Promise<void>;
    /** The channels whose members raise events. */
    readonly events: { watch(channel: string): Promise<void>; unwatch(channel: string): Promise<void> };
  };
}

/** The shards of a client, as the client half of a command sees them. */
export interface CallShards {
  readonly all: readonly CallShard[];
  /** The shard that owns a channel, or a root key with everything beneath it. */
  of(name: string): CallShard;
}

/** A method of a store client. */
export interface ClientMethod<Args extends unknown[], Result> {
  /** Number of arguments before the first optional one. A function after these is taken as the callback. */
  readonly required: number;
  readonly client: (shards: CallShards, ...args: Args) => Promise<Result>;
}

/** A command with both halves. */
export interface ClientCommand<
  Args extends unknown[] = never[],
  Result = unknown,
  ClientArgs extends unknown[] = never[],
  ClientResult = unknown,
>
  extends Command, ClientMethod<ClientArgs, ClientResult> {
  /** Throws `InvalidArgumentsError` for arguments that cannot be sent. */
  readonly call: (...args: Args) => Call<Result>;
}

interface CommandDefinition<Args extends unknown[], Result, ClientArgs extends unknown[], ClientResult> {
  readonly name: string;
  readonly code: number;
  /** @default false */
  readonly writes?: boolean;
  /**
   * Approximate bytes of memory that the command can take beside its payload. @default the size of the keys, for
   * commands that write and have a payload
   */
  readonly growth?: (core: StoreCore, request: CommandRequest) => number;
  /** Number of arguments before the first optional one. @default the number of arguments declared without a default */
  readonly required?: number;
  /** Encodes the arguments. */
  readonly call: (...args: Args) => CallParts<Result>;
  /** Runs the command on a client of several shards. @default on the shard of the first key */
  readonly client?: (
    shards: CallShards,
    call: (...args: Args) => Call<Result>,
    ...args: ClientArgs
  ) => Promise<ClientResult>;
  /** The store's half. Must not retain the request. */
  readonly run: (core: StoreCore, request: CommandRequest, caller: Caller) => Reply;
}

/** A command that works on keys, can be undone and replies synchronously, so a transaction may contain it. */
export interface DataCommand<
  Args extends unknown[] = never[],
  Result = unknown,
  ClientArgs extends unknown[] = never[],
  ClientResult = unknown,
> extends ClientCommand<Args, Result, ClientArgs, ClientResult> {
  readonly transacts: true;
}

/** Defines a command: its code, its arguments, its execution in the store, and the decoding of its reply. */
export function defineCommand<
  Args extends unknown[],
  Result,
  ClientArgs extends unknown[] = Args,
  ClientResult = Result,
>(
  definition: CommandDefinition<Args, Result, ClientArgs, ClientResult>,
): ClientCommand<Args, Result, ClientArgs, ClientResult> {
  return complete(definition, false);
}

/** Like {@link defineCommand}, for commands that a transaction may contain. */
export function defineDataCommand<
  Args extends unknown[],
  Result,
  ClientArgs extends unknown[] = Args,
  ClientResult = Result,
>(
  definition: CommandDefinition<Args, Result, ClientArgs, ClientResult> & {
    readonly run: (core: StoreCore, request: CommandRequest, caller: Caller) => ReadyReply;
  },
): DataCommand<Args, Result, ClientArgs, ClientResult> {
  return { ...complete(definition, true), transacts: true };
}

/** Defines a method without a command of its own, composed of other commands. */
export function defineMethod<Args extends unknown[], Result>(
  client: (shards: CallShards, ...args: Args) => Promise<Result>,
  required: number = client.length - 1,
): ClientMethod<Args, Result> {
  return { required, client };
}

function growthOfPayload(_core: StoreCore, { keys, payloadStart, end }: CommandRequest): number {
  return payloadStart === end ? 0 : chainBytes(keys);
}

function complete<Args extends unknown[], Result, ClientArgs extends unknown[], ClientResult>(
  {
    name,
    code,
    writes = false,
    growth,
    required,
    call,
    client,
    run,
  }: CommandDefinition<Args, Result, ClientArgs, ClientResult>,
  transacts: boolean,
): ClientCommand<Args, Result, ClientArgs, ClientResult> {
  // Reads are idempotent, so they can be resent.
  const isRead = transacts && !writes;
  // Hot path. All calls have the same object shape.
  const makeCall = (...args: Args): Call<Result> => {
    const { keys, options, payload, decode = decodeAny, isRepeatable = isRead } = call(...args);
    return { name, code, keys, options, payload, decode, isRepeatable, orderedBy: undefined };
  };
  const onOneShard = (shards: CallShards, ...args: Args): Promise<Result> => {
    const made = makeCall(...args);
    return shards.of(made.keys[0] ?? '').call(made);
  };
  return {
    name,
    code,
    writes,
    growth: growth ?? (writes ? growthOfPayload : undefined),
    transacts,
    required: required ?? (client === undefined ? call.length : client.length - 2),
    run,
    call: makeCall,
    client:
      client === undefined
        ? // Without a client half, the method takes the arguments of `call`.
          (onOneShard as unknown as ClientMethod<ClientArgs, ClientResult>['client'])
        : (shards, ...args) => client(shards, makeCall, ...args),
  };
}
