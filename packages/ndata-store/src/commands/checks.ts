import { InvalidArgumentsError, ResourceLimitError } from 'sc-protocol';
import type { StoreCore } from '../core/store-core.js';
import type { CommandRequest } from '../wire/request.js';

/** Refuses the empty chain, for commands that cannot mean the whole tree. */
export function requireKeys(request: CommandRequest): void {
  if (request.keys.length === 0) {
    throw new InvalidArgumentsError('This command needs a key chain of at least one key');
  }
}

/** Refuses a missing value and one over the store's limit. */
export function requireValueBytes(core: StoreCore, request: CommandRequest): void {
  const bytes = request.end - request.payloadStart;
  if (bytes === 0) throw new InvalidArgumentsError('This command needs a value');
  // The tag of texts and binary data is not the user's.
  if (bytes > core.options.maxValueBytes + 1) {
    throw new ResourceLimitError(`A value takes at most ${core.options.maxValueBytes} bytes, got ${bytes}`, {
      limit: 'maxValueBytes',
    });
  }
}

/** The channel a command names. Names are any text of 1 to 1,024 bytes: what they may hold is the owner's rule. */
export function requireChannel(request: CommandRequest): string {
  const channel = request.keys[0];
  if (request.keys.length !== 1 || channel === undefined || channel === '') {
    throw new InvalidArgumentsError('This command needs the name of one channel');
  }
  return channel;
}

/** A number among the options. */
export function requireFiniteOption(request: CommandRequest, name: string): number {
  const value = request.options[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new InvalidArgumentsError(`\`${name}\` must be a finite number, got ${String(value)}`);
}
