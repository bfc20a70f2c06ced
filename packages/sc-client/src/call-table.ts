import { type CallId, type ResponseFrame, hydrateError } from 'sc-protocol';
import type { Call } from './call.js';

/** The calls that wait for an answer on one connection. */
export class CallTable {
  readonly #calls = new Map<CallId, Call>();

  get size(): number {
    return this.#calls.size;
  }

  add(callId: CallId, call: Call): void {
    this.#calls.set(callId, call);
    call.heldBy(() => this.#calls.delete(callId));
  }

  /** Ends the call that this is the answer to. An answer to nothing, or a second one, is ignored. */
  answer({ responseId, data, error }: ResponseFrame): void {
    const call = this.#calls.get(responseId);
    if (call === undefined) return;
    if (error === undefined) call.succeed(data);
    else call.fail(hydrateError(error));
  }

  failAll(error: (call: Call) => Error): void {
    for (const call of [...this.#calls.values()]) call.fail(error(call));
  }
}
