import { Buffer } from 'node:buffer';
import { InvalidArgumentsError, InvalidFrameError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import type { ReadyReply } from '../core/command.js';
import type { KeyChain } from '../key-chain.js';
import { FrameWriter } from '../wire/frame-writer.js';
import { CommandRequest } from '../wire/request.js';
import type { Call, CallList, CallParts } from './call.js';
import { defineCommand, defineMethod } from './define.js';
import type { CallShard, CallShards } from './define.js';
import { get } from './read.js';
import { set } from './write.js';

/** Commands for several keys at once. */
export interface BatchCommands {
  /** Resolves with the values of several keys, in the order of the keys. */
  getMany(keys: readonly KeyChain[], callback?: Callback<unknown[]>): Promise<unknown[]>;
  /** Sets several keys. Atomic per shard. */
  setMany(entries: readonly (readonly [KeyChain, unknown])[], callback?: Callback<void>): Promise<void>;
  /**
   * Runs the commands of a `CommandList` atomically and in isolation. Resolves with their values. All root keys must
   * be on one shard; otherwise it rejects with `InvalidArgumentsError`.
   */
  transaction(commands: CallList, callback?: Callback<unknown[]>): Promise<unknown[]>;
}

/** Runs commands atomically. The payload holds the commands; the reply has, per command, u32 length and value. */
export const transaction = defineCommand({
  name: 'transaction',
  code: 20,
  call: (calls: readonly Call[]): CallParts<unknown[]> => ({
    keys: [],
    payload: packCalls(calls),
    decode: (buffer, start, end) => decodeReplies(calls, buffer, start, end),
  }),
  client(shards, call, commands: CallList) {
    const calls = commands.calls();
    const used = new Set(calls.map(({ keys }) => shards.of(keys[0] ?? '')));
    const [shard] = used;
    if (shard === undefined) return Promise.resolve([]);
    if (used.size > 1) throw new InvalidArgumentsError('The root keys of a transaction must be on one shard');
    return shard.call(call(calls));
  },
  run(core, request, caller) {
    const payload = request.payload();
    const replies: ReadyReply[] = [];
    core.atomically(() => {
      const part = new CommandRequest();
      for (let at = 0; at < payload.length;) {
        if (at + 5 > payload.length) throw new InvalidFrameError('A transaction is cut off', { field: 'payload' });
        const command = core.commands.byCode[payload.readUInt8(at)];
        const end = at + 5 + payload.readUInt32LE(at + 1);
        if (end > payload.length) throw new InvalidFrameError('A transaction is cut off', { field: 'payload' });
        if (command?.transacts !== true) {
          throw new InvalidArgumentsError(`"${command?.name ?? 'unknown'}" cannot stand in a transaction`);
        }
        part.read(payload, at + 5, end);
        // A command that transacts replies synchronously.
        replies.push(core.execute(command, part, caller) as ReadyReply);
        at = end;
      }
    });
    return packReplies(replies);
  },
});

export const getMany = defineMethod((shards, keys: readonly KeyChain[]) =>
  callEach(shards, keys, (key) => get.call(key)),
);

export const setMany = defineMethod(async (shards, entries: readonly (readonly [KeyChain, unknown])[]) => {
  await callEach(shards, entries, ([key, value]) => set.call(key, value));
});

/** Makes one call per input and sends each shard its calls as one transaction. Resolves with values in input order. */
export async function callEach<Input>(
  shards: CallShards,
  inputs: readonly Input[],
  make: (input: Input) => Call,
): Promise<unknown[]> {
  if (!Array.isArray(inputs)) throw new InvalidArgumentsError('This command needs an array');
  const groups = new Map<CallShard, { call: Call; index: number }[]>();
  inputs.forEach((input: Input, index) => {
    const call = make(input);
    const shard = shards.of(call.keys[0] ?? '');
    const group = groups.get(shard);
    if (group === undefined) groups.set(shard, [{ call, index }]);
    else group.push({ call, index });
  });
  const values = new Array<unknown>(inputs.length);
  await Promise.all(
    [...groups].map(async ([shard, group]) => {
      const answers = await shard.call(transaction.call(group.map(({ call }) => call)));
      group.forEach(({ index }, i) => (values[index] = answers[i]));
    }),
  );
  return values;
}

/** Packs commands into the payload of one command: per command u8 code, u32 length, body. */
export function packCalls(calls: readonly Call[]): Buffer {
  const writer = new FrameWriter();
  for (const call of calls) {
    writer.uint8(call.code);
    const hole = writer.hole();
    writer.head(call.keys, call.options);
    if (call.payload !== undefined) writer.encoded(call.payload);
    writer.patch(hole);
  }
  return writer.take();
}

function decodeReplies(calls: readonly Call[], buffer: Buffer, start: number, end: number): unknown[] {
  let at = start;
  return calls.map((call) => {
    if (at + 4 > end) throw new InvalidFrameError('An answer ends before its content does', { field: 'length' });
    const valueStart = at + 4;
    at = valueStart + buffer.readUInt32LE(at);
    return call.decode(buffer, valueStart, at);
  });
}

function packReplies(replies: readonly ReadyReply[]): Buffer {
  const parts: Buffer[] = [];
  for (const reply of replies) {
    const value = typeof reply === 'string' ? Buffer.from(reply, 'latin1') : Buffer.from(reply ?? []);
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(value.length);
    parts.push(head, value);
  }
  return Buffer.concat(parts);
}
