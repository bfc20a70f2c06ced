import { Buffer } from 'node:buffer';
import { InvalidArgumentsError, InvalidFrameError } from 'sc-protocol';
import { CommandRequest } from '../wire/request.js';
import type { Command, ReadyReply } from './command.js';

/**
 * All of the commands, or none. The payload holds them: u8 code, u32 length, body. So does the answer: per command u32
 * length and value.
 */
export const transaction: Command = {
  name: 'transaction',
  // Its commands do the writing, and are told one by one to who keeps a log.
  writes: false,
  transacts: false,
  run(core, request, caller) {
    const payload = request.payload();
    const replies: ReadyReply[] = [];
    core.atomically(() => {
      const part = new CommandRequest();
      for (let at = 0; at < payload.length;) {
        if (at + 5 > payload.length) throw new InvalidFrameError('A transaction is cut off', { field: 'payload' });
        const command = core.commands[payload.readUInt8(at)];
        const end = at + 5 + payload.readUInt32LE(at + 1);
        if (end > payload.length) throw new InvalidFrameError('A transaction is cut off', { field: 'payload' });
        if (command?.transacts !== true) {
          throw new InvalidArgumentsError(`"${command?.name ?? 'unknown'}" cannot stand in a transaction`);
        }
        part.read(payload, at + 5, end);
        replies.push(core.execute(command, part, caller) as ReadyReply);
        at = end;
      }
    });
    return packReplies(replies);
  },
};

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
