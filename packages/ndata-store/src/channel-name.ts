import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import { maxKeyBytes } from './key-chain.js';
import { isWellFormed } from './values.js';

/** Checks a channel's name. Throws `InvalidArgumentsError`. */
export function toChannel(channel: unknown): string {
  if (typeof channel !== 'string' || channel === '') {
    throw new InvalidArgumentsError(`A channel must be a text that is not empty, got ${typeof channel}`);
  }
  // UTF-8 cannot encode a lone surrogate, so a link would change the name.
  if (!isWellFormed(channel))
    throw new InvalidArgumentsError("A channel's name must not hold half of a surrogate pair");
  if (channel.length * 3 > maxKeyBytes && Buffer.byteLength(channel) > maxKeyBytes) {
    throw new InvalidArgumentsError(`A channel's name takes at most ${maxKeyBytes} bytes`);
  }
  return channel;
}
