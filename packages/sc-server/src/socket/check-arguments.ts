import { InvalidArgumentsError, nameProblem, requireName } from 'sc-protocol';
import { checkOptions, flag, type OptionsOf } from 'sc-protocol/kit';
import { deadEventProblem } from './events.js';

/** Throws `InvalidArgumentsError` if the name is not a valid event name. */
export function checkEventName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
  return name;
}

/** Checks the name of a client event or procedure that the application handles. Throws `InvalidArgumentsError`. */
export function checkHeard(name: string): string {
  const problem = nameProblem(name) ?? deadEventProblem(name);
  if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
  return name;
}

/** Checks a time limit in milliseconds, which may be `Infinity`. Throws `InvalidArgumentsError`. */
export function checkTimeout(timeoutMs: number): number {
  if (timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentsError(`\`timeoutMs\` must be above 0, got ${timeoutMs}`);
}

const orderTable = {
  /** Refuse the subscription without an auth token, and end it when the socket loses its token. */
  waitForAuth: flag({ default: false }),
};

/** Options of a server-initiated subscription. */
export type OrderOptions = Readonly<OptionsOf<typeof orderTable>>;

/** Creates the request of a server-initiated subscription. Throws `InvalidArgumentsError` or `InvalidOptionsError`. */
export function orderRequest(channel: string, options: OrderOptions): { channel: string; waitForAuth: boolean } {
  requireName('A channel name', channel);
  checkOptions('socket.subscribe', options, orderTable);
  return { channel, waitForAuth: options.waitForAuth === true };
}
