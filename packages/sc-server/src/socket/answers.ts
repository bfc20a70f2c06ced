import { HandlerError, dehydrateError, type CallId, type ResponseFrame } from 'sc-protocol';
import { errorForClient } from 'sc-protocol/legacy';
import { exposeError } from '../middleware/errors.js';
import type { SocketCore } from './socket-core.js';
import type { Flushable } from '../websocket/turn-queue.js';

/** Answers a call. Data that cannot be encoded is an error of the application, and the client is answered with an error. */
export function respond(core: SocketCore, callId: CallId | undefined, data?: unknown): void {
  if (callId === undefined) return;
  try {
    core.sendFrame({ type: 'response', responseId: callId, data });
  } catch (error) {
    respondUnencodable(core, callId, error);
  }
}

/** Answers with an error, in wire form already or as thrown by our own code. */
export function respondError(core: SocketCore, callId: CallId | undefined, error: unknown, data?: unknown): void {
  if (callId === undefined) return;
  const exposed = typeof error === 'string' ? error : exposeError(error, 'the call');
  try {
    core.sendFrame({ type: 'response', responseId: callId, error: errorForClient(core.dialect, exposed), data });
  } catch (problem) {
    respondUnencodable(core, callId, problem);
  }
}

function respondUnencodable(core: SocketCore, callId: CallId, error: unknown): void {
  core.host.logger.error('An answer could not be encoded', { error, socketId: core.id });
  const wire = dehydrateError(new HandlerError('The answer could not be encoded'));
  core.sendFrame({ type: 'response', responseId: callId, error: wire });
}

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
