import { InvalidArgumentsError, ResourceLimitError } from 'sc-protocol';
import type { StoreCore } from '../core/store-core.js';
import type { CommandRequest } from '../wire/request.js';

/** Rejects the empty chain, for commands that must not address the whole tree. */
export function requireKeys(request: CommandRequest): void {
  if (request.keys.length === 0) {
    throw new InvalidArgumentsError('This command needs a key chain of at least one key');
  }
}

/** Rejects a missing value and a value over the store's limit. */
export function requireValueBytes(core: StoreCore, request: CommandRequest): void {
  const bytes = request.end - request.payloadStart;
  if (bytes === 0) throw new InvalidArgumentsError('This command needs a value');
  // The type tag of text and binary data does not count towards the limit.
  if (bytes > core.options.maxValueBytes + 1) {
    throw new ResourceLimitError(`A value takes at most ${core.options.maxValueBytes} bytes, got ${bytes}`, {
      limit: 'maxValueBytes',
    });
  }
}

/**
 * The channel that a command names. The store accepts any text of 1 to 1,024 bytes; its owner may restrict names
 * further.
 */
export function requireChannel(request: CommandRequest): string {
  const channel = request.keys[0];
  if (request.keys.length !== 1 || channel === undefined || channel === '') {
    throw new InvalidArgumentsError('This command needs the name of one channel');
  }
  return channel;
}

/** Reads a finite number from the options. */
export function requireFiniteOption(request: CommandRequest, name: string): number {
  const value = request.options[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new InvalidArgumentsError(`\`${name}\` must be a finite number, got ${String(value)}`);
}
