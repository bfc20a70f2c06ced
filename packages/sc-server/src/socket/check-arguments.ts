import { InvalidArgumentsError, nameProblem, requireName } from 'sc-protocol';
import { checkOptions, flag, type OptionsOf } from 'sc-protocol/kit';
import { deadEventProblem } from './events.js';

/** Throws `InvalidArgumentsError` for a name that no event can have. */
export function checkEventName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
  return name;
}

/** The name of an event or procedure of the client that the application serves. Throws likewise. */
export function checkHeard(name: string): string {
  const problem = nameProblem(name) ?? deadEventProblem(name);
  if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
  return name;
}

/** A time limit in milliseconds, which may be `Infinity`. Throws likewise. */
export function checkTimeout(timeoutMs: number): number {
  if (timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentsError(`\`timeoutMs\` must be above 0, got ${timeoutMs}`);
}

const orderTable = {
  /** The subscription needs an auth token: without one it is refused, and it ends with the token of the socket. */
  waitForAuth: flag({ default: false }),
};

/** Options of a subscription that the server makes. */
export type OrderOptions = Readonly<OptionsOf<typeof orderTable>>;

/** The request for a subscription that the server makes. Throws likewise, and `InvalidOptionsError`. */
export function orderRequest(channel: string, options: OrderOptions): { channel: string; waitForAuth: boolean } {
  requireName('A channel name', channel);
  checkOptions('socket.subscribe', options, orderTable);
  return { channel, waitForAuth: options.waitForAuth === true };
}
