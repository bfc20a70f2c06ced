import { decodeNothing } from '../../commands/call.js';
import type { Call } from '../../commands/call.js';
import { hasKey } from '../../commands/read.js';
import { onDeadline } from '../../deadline.js';
import { pingCode } from '../../wire/codes.js';

export interface SilenceOptions {
  readonly timeoutMs: number;
  /** Whether a call is in flight. */
  readonly expectsAnswer: () => boolean;
  /** Sends a call to which a healthy store responds immediately. */
  readonly probe: () => void;
  /** The store has sent nothing for `timeoutMs` although a call is in flight. */
  readonly onSilence: () => void;
}

/** A cheap command without side effects. Its response confirms that the store has received everything sent before. */
export const probe = hasKey.call('');

/** The store responds without waiting for anything, so a response proves that it is alive. */
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

/** Checks per timeout. A silent store is detected after the timeout, at most one step late. */
const steps = 4;

/**
 * Detects an unresponsive store. One slow response proves nothing: a procedure may run long or a disk may be slow.
 * Therefore any received byte counts, and a probe that needs no disk is sent after the first silent step.
 */
export class Silence {
  readonly #options: SilenceOptions;
  #silentSteps = 0;
  #hasHeard = false;
  #stopTimer: (() => void) | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Call for each read from the link. Hot path. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** Starts the checks of a new link. */
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
