import {
  type Codec,
  InvalidFrameError,
  PayloadTooLargeError,
  type ServerFrame,
  type WireMessage,
  parseServerFrame,
  splitBatch,
} from 'sc-protocol';
import { disconnectFrame, hungUpCode, invalidFrameCode, noStatusCode, pingTimeoutCode } from 'sc-protocol/client';
import type { Platform, WsOptions } from './platform.js';
import { type WebSocketLike, openReadyState } from './web-socket.js';

/** The parts of a socket that a transport uses. */
export interface TransportCore {
  readonly platform: Platform;
  /** Takes the error for a message that cannot be understood. */
  readonly reportError: (error: unknown) => void;
  readonly url: string;
  readonly codec: Codec;
  readonly protocolVersion: 1 | 2;
  readonly wsOptions?: WsOptions | undefined;
}

/** A frame encoded by a codec. */
export type Encoded = ReturnType<Codec['encode']>;

/** Implemented by the connection. `closed` is called exactly once, and nothing after it. */
export interface TransportOwner {
  opened(): void;
  message(data: WireMessage): void;
  frame(frame: ServerFrame): void;
  /** `error` tells more than the code, where the platform knows the cause. */
  closed(code: number, reason: string, error: unknown): void;
}

/** More unsent bytes than this, and what is volatile is dropped. */
const congestedBytes = 1024 * 1024;

/** One WebSocket and the frames on it. The only place that writes to a WebSocket. */
export class Transport {
  readonly #webSocket: WebSocketLike;
  readonly #core: TransportCore;
  readonly #owner: TransportOwner;
  /** Longest message that the server takes. */
  maxPayloadBytes = Infinity;
  #isClosed = false;
  #heardAt: number;
  #pingTimeoutMs = 0;
  #cancelWatch: (() => void) | undefined;

  /** Begins to open; throws what the WebSocket's constructor throws. */
  constructor(core: TransportCore, owner: TransportOwner) {
    const { platform, codec, url, wsOptions } = core;
    this.#core = core;
    this.#owner = owner;
    this.#heardAt = platform.elapsed();
    const webSocket = platform.openWebSocket(
      url,
      codec.subprotocol === undefined ? [] : [codec.subprotocol],
      wsOptions,
    );
    this.#webSocket = webSocket;
    let failure: unknown;
    // Any other type would have to be read later, out of order.
    webSocket.binaryType = 'arraybuffer';
    webSocket.onopen = () => owner.opened();
    webSocket.onmessage = ({ data }) => {
      if (!this.#isClosed) this.#receive(data);
    };
    // A close event follows each error, except where opening fails in some environments. Browsers do not say what failed.
    webSocket.onerror = (event) => {
      failure ??= event?.error;
      if (webSocket.readyState !== openReadyState) this.#end(hungUpCode, '', failure);
    };
    webSocket.onclose = ({ code = noStatusCode, reason = '' }) => this.#end(code, reason, failure);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether much of what was sent has not left yet. */
  get isCongested(): boolean {
    return this.#webSocket.bufferedAmount > congestedBytes;
  }

  /** Sends a message, or nothing once closed. Throws `PayloadTooLargeError` for one that the server would not take. */
  send(message: Encoded): void {
    const limit = this.maxPayloadBytes;
    const size = sizeAbove(limit, message);
    if (size > limit) {
      throw new PayloadTooLargeError(`A message of ${size} bytes is over the server's limit (${limit})`, {
        size,
        limit,
        option: 'maxPayloadBytes',
      });
    }
    this.#write(message);
  }

  /** Closes with `pingTimeout` when nothing is heard for so long. */
  watchPings(timeoutMs: number): void {
    this.#pingTimeoutMs = timeoutMs;
    this.checkPings();
  }

  /** Closes if nothing was heard for too long by now. `plannedAt` is when a timer should have called this. */
  checkPings(plannedAt = Infinity): void {
    const timeoutMs = this.#pingTimeoutMs;
    if (timeoutMs === 0) return;
    this.#cancelWatch?.();
    const now = this.#core.platform.elapsed();
    // A timer so late means that the machine slept or the thread stood still: what came meanwhile is still to be read, so
    // wait for one ping more.
    if (now - plannedAt > timeoutMs / 4) this.#heardAt = Math.max(this.#heardAt, now - timeoutMs / 2);
    const leftMs = Math.ceil(this.#heardAt + timeoutMs - now);
    if (leftMs > 0) this.#cancelWatch = this.#core.platform.startTimer(() => this.checkPings(now + leftMs), leftMs);
    else this.close(pingTimeoutCode, 'Ping timeout');
  }

  /** Ends at once on this side; the other side hears of it if it still can. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    // Servers of protocol 1 want to be told so in a frame.
    if (this.#core.protocolVersion === 1) this.#write(this.#core.codec.encode(disconnectFrame(code, reason)));
    this.#end(code, reason);
  }

  #write(data: Encoded): void {
    if (this.#webSocket.readyState === openReadyState) this.#webSocket.send(data);
  }

  #receive(data: unknown): void {
    const { codec, protocolVersion } = this.#core;
    this.#heardAt = this.#core.platform.elapsed();
    const [ping, pong] = protocolVersion === 1 ? ['#1', '#2'] : ['', ''];
    if (data === ping) {
      this.#write(pong);
      return;
    }
    // Messages other than text are ArrayBuffers, because of the binary type.
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    this.#owner.message(message);
    let values: readonly unknown[];
    try {
      values = splitBatch(codec.decode(message));
    } catch (cause) {
      const problem = 'A message cannot be decoded';
      this.#core.reportError(new InvalidFrameError(problem, { field: 'message' }, { cause }));
      this.close(invalidFrameCode, problem);
      return;
    }
    for (const value of values) {
      if (this.#isClosed) return;
      let frame: ServerFrame;
      try {
        frame = parseServerFrame(value);
      } catch (error) {
        this.#core.reportError(error);
        continue;
      }
      this.#owner.frame(frame);
    }
  }

  #end(code: number, reason: string, failure?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pingTimeoutMs = 0;
    this.#cancelWatch?.();
    const webSocket = this.#webSocket;
    try {
      // Only some codes may be said aloud; the others describe how a WebSocket ended.
      if (isSayable(code)) webSocket.close(code, reason);
      else webSocket.close();
    } catch {
      // The reason is too long: there is room for 123 bytes, and a character has at most three in each of its units.
      webSocket.close(code, reason.slice(0, 41));
    }
    this.#owner.closed(code, reason, failure);
  }
}

/** The length of a message in bytes, or 0 when it cannot be above the limit. */
function sizeAbove(limit: number, message: Encoded): number {
  if (typeof message !== 'string') return message.byteLength;
  // A character has at most three bytes in each of its units.
  return message.length * 3 > limit ? new TextEncoder().encode(message).length : 0;
}

/** Whether a client may close with this code. */
export function isSayable(code: unknown): code is number {
  return code === 1000 || (Number.isInteger(code) && (code as number) >= 3000 && (code as number) < 5000);
}
