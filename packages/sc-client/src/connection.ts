import {
  BadConnectionError,
  type CallId,
  type Codec,
  InvalidFrameError,
  type ResponseFrame,
  type ServerFrame,
  type WireMessage,
  dehydrateError,
  hydrateError,
} from 'sc-protocol';
import {
  answerFrame,
  connectTimeoutCode,
  handshakeFailedCode,
  handshakeFrame,
  publishFrame,
  refusalFrame,
} from 'sc-protocol/client';
import { Call, type CallCore } from './call.js';
import type { SocketStatus } from './events.js';
import { longestMs } from './platform.js';
import { type Encoded, Transport, type TransportCore, isSayable } from './transport.js';
import { version } from './version.js';

export interface ConnectionCore extends TransportCore, CallCore {
  readonly publisherId: string;
  readonly connectTimeout: number;
  readonly ackTimeout: number;
  readonly pingTimeoutDisabled: boolean;
}

/**
 * Implemented by the lifecycle. `closed` is called exactly once, and is the last call. Functions instead of methods,
 * because they are copied.
 */
export interface ConnectionOwner {
  readonly loadToken: () => Promise<string | null>;
  /** The handshake is complete. `token` is the one that was sent in it. */
  readonly opened: (connection: Connection, status: SocketStatus, token: string | null) => void;
  /** Receives every frame except responses, which go to their calls. */
  readonly frame: (frame: Exclude<ServerFrame, { type: 'response' }>, connection: Connection) => void;
  readonly message: (data: WireMessage) => void;
  /** `error` holds the cause, where it is known. */
  readonly closed: (code: number, reason: string, error: unknown) => void;
}

/** Features that this client supports, announced in the handshake. */
function featuresWith(codec: Codec): string[] {
  return keepsAllFields(codec) ? ['batch', 'position', 'dedupe', 'presence'] : ['batch', 'presence'];
}

/** Binary codecs published for the original drop the number and offset of a publication, which positions need. */
function keepsAllFields(codec: Codec): boolean {
  try {
    const message = codec.encode(publishFrame('a', 1, 1, { seq: 1 }));
    const frame = codec.decode(typeof message === 'string' ? message : new Uint8Array(message));
    return (frame as { data: { seq: unknown } }).data.seq === 1;
  } catch {
    return false;
  }
}

/** Smallest ping timeout accepted from a server, in milliseconds. */
const shortestPingTimeoutMs = 100;

/** One transport with its handshake and the calls made on it. */
export class Connection {
  readonly #core: ConnectionCore;
  readonly #owner: ConnectionOwner;
  readonly #transport: Transport;
  readonly #calls = new Map<CallId, Call>();
  readonly #cancelConnectTimer: () => void;
  /** Whether the server deduplicates repeated publishes. */
  isRepeating = false;
  #isOpen = false;
  #error: unknown;

  /** Starts connecting. Throws what the WebSocket constructor throws. */
  constructor(core: ConnectionCore, owner: ConnectionOwner) {
    this.#core = core;
    this.#owner = owner;
    this.#transport = new Transport(core, {
      ...owner,
      opened: () => void this.#shakeHands(),
      frame: (frame) => this.#receive(frame),
      closed: (code, reason, error) => this.#ended(code, reason, error),
    });
    this.#cancelConnectTimer = core.platform.startTimer(
      () => this.close(connectTimeoutCode, 'Connect timeout'),
      core.connectTimeout,
    );
  }

  get isCongested(): boolean {
    return this.#transport.isCongested;
  }

  get isClosed(): boolean {
    return this.#transport.isClosed;
  }

  /** Closes if no ping arrived within the ping timeout, without waiting for the timer. */
  checkPings(): void {
    this.#transport.checkPings();
  }

  /** Throws what the codec throws, or `PayloadTooLargeError`. */
  send(frame: object): void {
    this.sendEncoded(this.#core.codec.encode(frame));
  }

  sendEncoded(message: Encoded): void {
    this.#transport.send(message);
  }

  /**
   * Sends a call and tracks it until it ends. A message over the server's limit ends it with `PayloadTooLargeError`.
   */
  call(call: Call): void {
    if (call.isEnded) return;
    this.#calls.set(call.id, call);
    call.heldBy(() => this.#calls.delete(call.id));
    call.wasSent = true;
    try {
      this.sendEncoded(call.message);
    } catch (error) {
      call.end(error);
    }
  }

  /** Responds to a frame of the server if it was a call. Throws what the codec throws. */
  answer(callId: CallId | undefined, error: unknown, data?: unknown): void {
    if (callId === undefined) return;
    this.send((error ?? null) === null ? answerFrame(callId, data) : refusalFrame(callId, dehydrateError(error)));
  }

  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }

  async #shakeHands(): Promise<void> {
    let authToken: string | null;
    try {
      authToken = await this.#owner.loadToken();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.isClosed) return;
    const frame = (callId: CallId): object =>
      handshakeFrame(
        authToken,
        { name: 'sc-client', version },
        featuresWith(this.#core.codec),
        callId,
        this.#core.publisherId,
      );
    const settings = { label: 'the handshake', timeoutMs: this.#core.ackTimeout, frame };
    const answered = (error: unknown, data: unknown): void => {
      if (error === null) this.#open(data, authToken);
      else this.#fail(error);
    };
    this.call(new Call(settings, this.#core, answered));
  }

  #open(data: unknown, authToken: string | null): void {
    const status = parseStatus(data);
    if (status === undefined) {
      this.#fail(new InvalidFrameError('The handshake answer has no id', { field: 'data.id' }));
      return;
    }
    this.#isOpen = true;
    this.isRepeating = Array.isArray(status.features) && status.features.includes('dedupe');
    this.#cancelConnectTimer();
    this.#transport.maxPayloadBytes = Number(status.maxPayloadBytes) || Infinity;
    if (!this.#core.pingTimeoutDisabled) this.#transport.watchPings(status.pingTimeout);
    this.#owner.opened(this, status, authToken);
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'response') this.#answered(frame);
    else if (frame.type === 'disconnect') this.close(frame.code, frame.reason);
    else this.#owner.frame(frame, this);
  }

  /** Ends the call with this response id. A response without a matching call, or a second one, is ignored. */
  #answered({ responseId, data, error, position }: ResponseFrame): void {
    const call = this.#calls.get(responseId);
    call?.end(error === undefined ? null : hydrateError(error), data === undefined ? position : data);
  }

  /** Handles a failed handshake. The error may specify the close code. */
  #fail(error: unknown): void {
    if (this.isClosed) return;
    this.#error = error;
    const { statusCode, message } = Object(error) as { readonly statusCode?: unknown; readonly message?: unknown };
    this.close(isSayable(statusCode) ? statusCode : handshakeFailedCode, String(message ?? error));
  }

  #ended(code: number, text: string, failure: unknown): void {
    this.#cancelConnectTimer();
    const error = this.#error ?? failure;
    const { message, code: kind } = Object(error) as { readonly message?: string; readonly code?: string };
    // Node reports several failed addresses with an error that has no message.
    const reason = text || message || kind || `Closed with code ${code}`;
    const type = this.#isOpen ? 'disconnect' : 'connectAbort';
    for (const call of [...this.#calls.values()]) {
      // Kept, to be sent again on the next connection.
      if (call.isRepeatable && this.isRepeating) continue;
      const details = { type, closeCode: code, reason, isUnknown: true };
      call.end(new BadConnectionError(`Connection lost before the answer: ${reason} (${code})`, details));
    }
    this.#owner.closed(code, reason, error);
  }
}

function parseStatus(data: unknown): SocketStatus | undefined {
  const { id, isAuthenticated, pingTimeout, authError, ...more } = Object(data) as Record<string, unknown>;
  if (typeof id !== 'string') return undefined;
  const timeoutMs = typeof pingTimeout === 'number' && pingTimeout > 0 ? pingTimeout : 20_000;
  return {
    ...more,
    id,
    isAuthenticated: isAuthenticated === true,
    pingTimeout: Math.min(Math.max(timeoutMs, shortestPingTimeoutMs), longestMs),
    ...((authError ?? null) !== null && { authError: hydrateError(authError) }),
  };
}
