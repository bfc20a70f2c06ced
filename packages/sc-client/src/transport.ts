import {
  type Codec,
  InvalidFrameError,
  type ServerFrame,
  type WireMessage,
  parseServerFrame,
  reviveBinary,
  splitBatch,
} from 'sc-protocol';
import { hungUpCode, invalidFrameCode, noStatusCode, pingTimeoutCode, wireEvent } from 'sc-protocol/client';
import type { Platform, WsOptions } from './platform.js';
import { type WebSocketLike, openReadyState } from './web-socket.js';

export interface TransportSettings {
  readonly url: string;
  readonly codec: Codec;
  readonly protocolVersion: 1 | 2;
  readonly wsOptions?: WsOptions | undefined;
}

/** What a transport tells. After `closed`, which comes exactly once, it tells nothing more. */
export interface TransportEvents {
  readonly opened: () => void;
  message(data: WireMessage): void;
  frame(frame: ServerFrame): void;
  /** Something came that cannot be understood. */
  fault(error: unknown): void;
  closed(code: number, reason: string): void;
}

/** More unsent bytes than this, and what is volatile is dropped. */
const congestedBytes = 1024 * 1024;

/** One WebSocket and the frames on it. The only place that writes to a WebSocket. */
export class Transport {
  readonly #webSocket: WebSocketLike;
  readonly #settings: TransportSettings;
  readonly #platform: Platform;
  readonly #events: TransportEvents;
  #isClosed = false;
  #heardAt: number;
  #pingTimeoutMs = 0;
  #cancelWatch: (() => void) | undefined;

  /** Begins to open; throws what the WebSocket's constructor throws. */
  constructor(settings: TransportSettings, platform: Platform, events: TransportEvents) {
    this.#settings = settings;
    this.#platform = platform;
    this.#events = events;
    this.#heardAt = platform.now();
    const { subprotocol } = settings.codec;
    const protocols = subprotocol === undefined ? [] : [subprotocol];
    const webSocket = platform.openWebSocket(settings.url, protocols, settings.wsOptions);
    this.#webSocket = webSocket;
    // Any other type would have to be read later, out of order.
    webSocket.binaryType = 'arraybuffer';
    webSocket.onopen = events.opened;
    webSocket.onmessage = ({ data }) => {
      if (!this.#isClosed) this.#receive(data);
    };
    // A close event follows each error, except where opening fails in some environments.
    webSocket.onerror = () => {
      if (webSocket.readyState !== openReadyState) this.#end(hungUpCode, '');
    };
    webSocket.onclose = ({ code = noStatusCode, reason = '' }) => this.#end(code, reason);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether much of what was sent has not left yet. */
  get isCongested(): boolean {
    return this.#webSocket.bufferedAmount > congestedBytes;
  }

  /** Sends a wire value, or nothing once closed. Throws what the codec throws. */
  send(value: unknown): void {
    this.#write(this.#settings.codec.encode(value));
  }

  /** Closes with `pingTimeout` when nothing is heard for so long. */
  watchPings(timeoutMs: number): void {
    this.#pingTimeoutMs = timeoutMs;
    this.checkPings();
  }

  /** Closes if nothing was heard for too long by now; timers may be late, above all after sleep. */
  checkPings(): void {
    if (this.#pingTimeoutMs === 0) return;
    this.#cancelWatch?.();
    const leftMs = this.#pingTimeoutMs - (this.#platform.now() - this.#heardAt);
    if (leftMs > 0) this.#cancelWatch = this.#platform.startTimer(() => this.checkPings(), leftMs);
    else this.close(pingTimeoutCode, 'Ping timeout');
  }

  /** Ends at once on this side; the other side hears of it if it still can. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    // Servers of protocol 1 want to be told so in a frame.
    if (this.#settings.protocolVersion === 1) this.send(wireEvent('#disconnect', { code, data: reason }));
    this.#end(code, reason);
  }

  #write(data: string | Uint8Array | ArrayBuffer): void {
    if (this.#webSocket.readyState === openReadyState) this.#webSocket.send(data);
  }

  #receive(data: unknown): void {
    const { codec, protocolVersion } = this.#settings;
    this.#heardAt = this.#platform.now();
    const [ping, pong] = protocolVersion === 1 ? ['#1', '#2'] : ['', ''];
    if (data === ping) {
      this.#write(pong);
      return;
    }
    // What is not text is an ArrayBuffer, because of the binary type.
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    this.#events.message(message);
    let values: readonly unknown[];
    try {
      let value = codec.decode(message);
      // Only JSON has to spell bytes; looking for the spelling first spares the walk through everything else.
      if (typeof message === 'string' && message.includes('"base64"')) value = reviveBinary(value);
      values = splitBatch(value);
    } catch (cause) {
      const problem = 'A message cannot be decoded';
      this.#events.fault(new InvalidFrameError(problem, { field: 'message' }, { cause }));
      this.close(invalidFrameCode, problem);
      return;
    }
    for (const value of values) {
      if (this.#isClosed) return;
      let frame: ServerFrame;
      try {
        frame = parseServerFrame(value);
      } catch (error) {
        this.#events.fault(error);
        continue;
      }
      this.#events.frame(frame);
    }
  }

  #end(code: number, reason: string): void {
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
    this.#events.closed(code, reason);
  }
}

/** Whether a client may close with this code. */
export function isSayable(code: unknown): code is number {
  return Number.isInteger(code) && /^(1000|[34]...)$/.test(String(code));
}
