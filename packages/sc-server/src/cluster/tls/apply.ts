import type { ProtocolOptions } from '../options/protocol-options.js';
import { unpackKeys, unpackTlsOptions } from './portable.js';
import type { TlsState } from './shared.js';

/** The TLS termination of a process. */
export interface Termination {
  set(options: ProtocolOptions): void;
  setTicketKeys(keys: readonly Buffer[]): void;
}

/** Brings a process to the desired TLS state from any earlier state, and applies only changes. */
export class TlsStateFollower {
  readonly #termination: Termination;
  #applied: TlsState | undefined;

  constructor(termination: Termination, applied: TlsState) {
    this.#termination = termination;
    this.apply(applied);
  }

  apply(state: TlsState): void {
    const before = this.#applied;
    if (before !== undefined && state.revision <= before.revision) return;
    if (before !== undefined && state.options.json !== before.options.json) {
      this.#termination.set(unpackTlsOptions(state.options));
    }
    this.#termination.setTicketKeys(unpackKeys(state.ticketKeys));
    this.#applied = state;
  }
}
