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
  /** Called with the error for a message that cannot be decoded. */
  readonly reportError: (error: unknown) => void;
  readonly url: string;
  readonly codec: Codec;
  readonly protocolVersion: 1 | 2;
  readonly wsOptions?: WsOptions | undefined;
}

/** A frame encoded by a codec. */
export type Encoded = ReturnType<Codec['encode']>;

/** Implemented by the connection. `closed` is called exactly once, and is the last call. */
export interface TransportOwner {
  opened(): void;
  message(data: WireMessage): void;
  frame(frame: ServerFrame): void;
  /** `error` holds the cause, where the platform knows it. */
  closed(code: number, reason: string, error: unknown): void;
}

/** Above this number of unsent bytes, volatile messages are dropped. */
const congestedBytes = 1024 * 1024;

/** One WebSocket and its frames. The only code that writes to a WebSocket. */
export class Transport {
  readonly #webSocket: WebSocketLike;
  readonly #core: TransportCore;
  readonly #owner: TransportOwner;
  /** Longest message that the server accepts, in bytes. */
  maxPayloadBytes = Infinity;
  #isClosed = false;
  #heardAt: number;
  #pingTimeoutMs = 0;
  #cancelWatch: (() => void) | undefined;

  /** Starts opening. Throws what the WebSocket constructor throws. */
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
    // A `Blob` would have to be read asynchronously, out of order.
    webSocket.binaryType = 'arraybuffer';
    webSocket.onopen = () => owner.opened();
    webSocket.onmessage = ({ data }) => {
      if (!this.#isClosed) this.#receive(data);
    };
    // A close event follows each error, except when opening fails in some environments. Browsers do not report the
    // cause.
    webSocket.onerror = (event) => {
      failure ??= event?.error;
      if (webSocket.readyState !== openReadyState) this.#end(hungUpCode, '', failure);
    };
    webSocket.onclose = ({ code = noStatusCode, reason = '' }) => this.#end(code, reason, failure);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the WebSocket's send buffer is congested. */
  get isCongested(): boolean {
    return this.#webSocket.bufferedAmount > congestedBytes;
  }

  /** Sends a message; does nothing once closed. Throws `PayloadTooLargeError` for a message over the server's limit. */
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

  /** Closes with `pingTimeout` after this time without data. */
  watchPings(timeoutMs: number): void {
    this.#pingTimeoutMs = timeoutMs;
    this.checkPings();
  }

  /** Closes if no data arrived within the ping timeout. `plannedAt` is the time for which the timer was set. */
  checkPings(plannedAt = Infinity): void {
    const timeoutMs = this.#pingTimeoutMs;
    if (timeoutMs === 0) return;
    this.#cancelWatch?.();
    const now = this.#core.platform.elapsed();
    // A timer this late means that the machine slept or the thread was blocked. Data received meanwhile is still
    // unread, so wait for one more ping.
    if (now - plannedAt > timeoutMs / 4) this.#heardAt = Math.max(this.#heardAt, now - timeoutMs / 2);
    const leftMs = Math.ceil(this.#heardAt + timeoutMs - now);
    if (leftMs > 0) this.#cancelWatch = this.#core.platform.startTimer(() => this.checkPings(now + leftMs), leftMs);
    else this.close(pingTimeoutCode, 'Ping timeout');
  }

  /** Closes immediately on this side; the other end gets a close frame if it is still reachable. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    // Servers of protocol 1 expect a `#disconnect` frame.
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
      // Only some codes may be sent; the others describe how a WebSocket ended.
      if (isSayable(code)) webSocket.close(code, reason);
      else webSocket.close();
    } catch {
      // The reason is too long: the limit is 123 bytes, and each UTF-16 code unit takes at most three.
      webSocket.close(code, reason.slice(0, 41));
    }
    this.#owner.closed(code, reason, failure);
  }
}

/** The length of a message in bytes, or 0 if it cannot exceed the limit. */
function sizeAbove(limit: number, message: Encoded): number {
  if (typeof message !== 'string') return message.byteLength;
  // Each UTF-16 code unit takes at most three bytes.
  return message.length * 3 > limit ? new TextEncoder().encode(message).length : 0;
}

/** Whether a client may send this close code. */
export function isSayable(code: unknown): code is number {
  return code === 1000 || (Number.isInteger(code) && (code as number) >= 3000 && (code as number) < 5000);
}
