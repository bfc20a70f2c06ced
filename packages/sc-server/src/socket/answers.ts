import {
  HandlerError,
  dehydrateError,
  type CallId,
  type Dialect,
  type ResponseFrame,
  type ServerFrame,
} from 'sc-protocol';
import { errorForClient } from 'sc-protocol/legacy';
import type { Logger } from '../log/logger.js';
import { exposeError } from '../middleware/errors.js';
import type { Outgoing } from '../websocket/outgoing.js';
import type { ReservedPlace } from '../websocket/transport-owner.js';
import type { Flushable, TurnQueue } from '../websocket/turn-queue.js';

/** Writes frames to the calling client. */
export interface AnswerWriter {
  readonly dialect: Dialect;
  sendFrame(frame: ServerFrame): void;
}

/** Writes several responses as one batch. */
export interface BatchWriter extends AnswerWriter {
  encode(frame: ServerFrame): Outgoing;
  encodeBatch(frames: readonly ServerFrame[]): Outgoing;
  reserve(): ReservedPlace;
}

/** The socket whose client made the call. */
export interface Answering {
  readonly id: string;
  readonly writer: AnswerWriter;
  /** Number of unanswered calls of the client. */
  openCalls: number;
  readonly parts: { readonly logger: Logger };
}

/** Answers a call. If the data cannot be encoded, logs the error and responds with a `HandlerError`. */
export function respond(
  core: Answering,
  callId: CallId | undefined,
  data?: unknown,
  published?: Pick<ResponseFrame, 'position' | 'duplicate'>,
): void {
  if (callId === undefined) return;
  core.openCalls -= 1;
  try {
    core.writer.sendFrame({ type: 'response', responseId: callId, data, ...published });
  } catch (error) {
    respondUnencodable(core, callId, error);
  }
}

/** Answers a call with an error: a string is already in wire form, anything else is a thrown value. */
export function respondError(core: Answering, callId: CallId | undefined, error: unknown, data?: unknown): void {
  if (callId === undefined) return;
  core.openCalls -= 1;
  const { writer } = core;
  const exposed = typeof error === 'string' ? error : exposeError(error, 'the call');
  try {
    writer.sendFrame({ type: 'response', responseId: callId, error: errorForClient(writer.dialect, exposed), data });
  } catch (problem) {
    respondUnencodable(core, callId, problem);
  }
}

function respondUnencodable({ id, parts, writer }: Answering, callId: CallId, error: unknown): void {
  parts.logger.error('An answer could not be encoded', { error, socketId: id });
  const wire = dehydrateError(new HandlerError('The answer could not be encoded'));
  writer.sendFrame({ type: 'response', responseId: callId, error: wire });
}

/**
 * Collects the responses of one event-loop turn into one array frame, for clients that announced `batch`. Clients
 * without the feature may be of a generation that treats an array as raw data.
 */
export class AckBatch implements Flushable {
  readonly #writer: BatchWriter;
  readonly #turn: TurnQueue;
  #frames: ResponseFrame[] = [];
  /** Place of the array in the send queue: that of its first response, ahead of frames sent after that response. */
  #place: ReservedPlace | undefined;

  constructor(writer: BatchWriter, turn: TurnQueue) {
    this.#writer = writer;
    this.#turn = turn;
  }

  /** Adds a response. `error` is the thrown value; `undefined` means success. */
  add(callId: CallId, error: unknown, data?: unknown): void {
    if (this.#place === undefined) {
      this.#turn.add(this);
      this.#place = this.#writer.reserve();
    }
    const wire = error === undefined ? undefined : errorForClient(this.#writer.dialect, exposeError(error, 'the call'));
    this.#frames.push({ type: 'response', responseId: callId, data, ...(wire !== undefined && { error: wire }) });
  }

  flush(): void {
    const frames = this.#frames;
    const place = this.#place;
    this.#frames = [];
    this.#place = undefined;
    const [only] = frames;
    const isOne = frames.length === 1 && only !== undefined;
    place?.fill(isOne ? this.#writer.encode(only) : this.#writer.encodeBatch(frames));
  }
}
