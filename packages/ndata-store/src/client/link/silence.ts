import { decodeNothing } from '../../commands/call.js';
import type { Call } from '../../commands/call.js';
import { hasKey } from '../../commands/read.js';
import { onDeadline } from '../../deadline.js';
import { pingCode } from '../../wire/codes.js';

export interface SilenceOptions {
  readonly timeoutMs: number;
  /** Whether the store owes an answer. */
  readonly expectsAnswer: () => boolean;
  /** Sends a call that a healthy store answers at once. */
  readonly probe: () => void;
  /** The store has sent nothing for `timeoutMs` although it was asked. */
  readonly onSilence: () => void;
}

/** A command that changes nothing and costs little: its answer says that everything before it was taken. */
export const probe = hasKey.call('');

/** As it waits for nothing, its answer says that the store is alive. */
export const ping: Call = {
  name: 'ping',
  code: pingCode,
  keys: [],
  options: undefined,
  payload: undefined,
  decode: decodeNothing,
  isRepeatable: false,
  orderedBy: undefined,
};

/** In how many steps silence is measured; a store is given up after the timeout and at most one step. */
const steps = 4;

/**
 * Notices a store that does not answer at all. One call without an answer proves nothing: a procedure may take long,
 * a disk may be slow. So what counts is whether anything arrives, with a probe on the way that needs no disk.
 */
export class Silence {
  readonly #options: SilenceOptions;
  #silentSteps = 0;
  #hasHeard = false;
  #stopTimer: (() => void) | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Bytes have arrived. Hot path. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** A link stands. */
  start(): void {
    this.#silentSteps = 0;
    this.#hasHeard = false;
    this.#next();
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #next(): void {
    const stepMs = Math.max(1, this.#options.timeoutMs / steps);
    this.#stopTimer = onDeadline(performance.now() + stepMs, stepMs, () => this.#step(), false);
  }

  #step(): void {
    const { expectsAnswer, probe, onSilence } = this.#options;
    if (this.#hasHeard || !expectsAnswer()) this.#silentSteps = 0;
    else this.#silentSteps++;
    this.#hasHeard = false;
    if (this.#silentSteps > steps) {
      this.stop();
      onSilence();
      return;
    }
    if (this.#silentSteps === 1) probe();
    this.#next();
  }
}
