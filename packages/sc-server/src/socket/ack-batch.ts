import { errorForClient } from 'sc-protocol/legacy';
import type { CallId, ResponseFrame } from 'sc-protocol';
import { exposeError } from '../middleware/errors.js';
import type { SocketCore } from './socket-core.js';
import type { Flushable } from '../websocket/turn-queue.js';

/**
 * Answers of one loop turn that leave as one frame, an array, for a client that asked for it with `batch`. Clients that
 * did not ask may be of a generation that takes an array for raw data.
 */
export class AckBatch implements Flushable {
  readonly #core: SocketCore;
  #frames: ResponseFrame[] = [];

  constructor(core: SocketCore) {
    this.#core = core;
  }

  /** `error` is as thrown; `undefined` means success. */
  add(callId: CallId, error: unknown): void {
    if (this.#frames.length === 0) this.#core.host.transportHost.turn.add(this);
    const wire = error === undefined ? undefined : errorForClient(this.#core.dialect, exposeError(error, 'the call'));
    this.#frames.push({ type: 'response', responseId: callId, ...(wire !== undefined && { error: wire }) });
  }

  flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    const [only] = frames;
    if (frames.length === 1 && only !== undefined) this.#core.sendFrame(only);
    else this.#core.sendFrames(frames);
  }
}
