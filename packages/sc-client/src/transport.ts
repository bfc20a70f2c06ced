import {
  type ClientFrame,
  type Codec,
  InvalidFrameError,
  type ServerFrame,
  type Spelling,
  type WireMessage,
  clientFrameToWire,
  closeCodes,
  parseServerFrame,
  reviveBinary,
  splitBatch,
} from 'sc-protocol';
import type { Platform, WsOptions } from './platform.js';
import { type WebSocketLike, openReadyState } from './web-socket.js';

export interface TransportSettings {
  readonly url: string;
  readonly spelling: Spelling;
  readonly codec: Codec;
  readonly binaryType: string;
  readonly wsOptions?: WsOptions | undefined;
}

/** What a transport tells. After `closed`, which comes exactly once, it tells nothing more. */
export interface TransportEvents {
  opened(): void;
  message(data: WireMessage): void;
  frame(frame: ServerFrame): void;
  /** Something came that cannot be understood. */
  fault(error: Error): void;
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
    const { url, codec, binaryType, wsOptions } = settings;
    this.#settings = settings;
    this.#platform = platform;
    this.#events = events;
    this.#heardAt = platform.now();
    const protocols = codec.subprotocol === undefined ? [] : [codec.subprotocol];
    const webSocket = platform.openWebSocket(url, protocols, wsOptions);
    this.#webSocket = webSocket;
    webSocket.binaryType = binaryType;
    webSocket.onopen = () => {
      if (!this.#isClosed) events.opened();
    };
    webSocket.onmessage = (event) => {
      if (!this.#isClosed) this.#receive(event.data);
    };
    // A close event follows each error, except where opening fails in some environments.
    webSocket.onerror = () => {
      if (webSocket.readyState !== openReadyState) this.#end(closeCodes.hungUp, '');
    };
    webSocket.onclose = ({ code, reason }) => this.#end(code ?? closeCodes.noStatus, reason ?? '');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether much of what was sent has not left yet. */
  get isCongested(): boolean {
    return this.#webSocket.bufferedAmount > congestedBytes;
  }

  /** Sends a frame, or nothing once closed. Throws what the codec throws. */
  send(frame: ClientFrame): void {
    const { codec } = this.#settings;
    const data = codec.encode(clientFrameToWire(frame));
    if (this.#webSocket.readyState === openReadyState) this.#webSocket.send(data);
  }

  /** Closes with `pingTimeout` when nothing is heard for so long. Asking again replaces the time. */
  watchPings(timeoutMs: number): void {
    this.#pingTimeoutMs = timeoutMs;
    this.#heardAt = this.#platform.now();
    this.#watchAfter(timeoutMs);
  }

  /** Closes if nothing was heard for too long by now; timers may be late, above all after sleep. */
  checkPings(): void {
    if (this.#cancelWatch === undefined) return;
    const leftMs = this.#pingTimeoutMs - (this.#platform.now() - this.#heardAt);
    if (leftMs > 0) this.#watchAfter(leftMs);
    else this.close(closeCodes.pingTimeout);
  }

  /** Ends at once on this side; the other side hears of it if it still can. */
  close(code: number, reason = ''): void {
    if (this.#isClosed) return;
    const { spelling } = this.#settings;
    if (spelling.saysDisconnect && this.#webSocket.readyState === openReadyState) {
      this.send({ type: 'disconnect', code, reason });
    }
    this.#end(code, reason);
  }

  #receive(data: unknown): void {
    const { codec, spelling } = this.#settings;
    this.#heardAt = this.#platform.now();
    if (data === spelling.ping) {
      if (this.#webSocket.readyState === openReadyState) this.#webSocket.send(spelling.pong);
      return;
    }
    // `arraybuffer` is the binary type, so what is not text is an ArrayBuffer.
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    this.#events.message(message);
    let values: readonly unknown[];
    try {
      let value = codec.decode(message);
      // Only JSON has to spell bytes; looking for the spelling first spares the walk through everything else.
      if (typeof message === 'string' && message.includes('"base64"')) value = reviveBinary(value);
      values = splitBatch(value);
    } catch (cause) {
      const problem = 'A message from the server cannot be decoded';
      this.#events.fault(new InvalidFrameError(problem, { field: 'message' }, { cause }));
      this.close(closeCodes.invalidFrame, problem);
      return;
    }
    for (const value of values) this.#read(value);
  }

  #read(value: unknown): void {
    if (this.#isClosed) return;
    let frame: ServerFrame;
    try {
      frame = parseServerFrame(value);
    } catch (error) {
      this.#events.fault(error as InvalidFrameError);
      return;
    }
    this.#events.frame(frame);
  }

  #watchAfter(delayMs: number): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#platform.startTimer(() => this.checkPings(), delayMs);
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelWatch?.();
    closeWebSocket(this.#webSocket, code, reason);
    this.#events.closed(code, reason);
  }
}

function closeWebSocket(webSocket: WebSocketLike, code: number, reason: string): void {
  // Only these may be said aloud; the others describe how a WebSocket ended.
  const isSayable = code === closeCodes.normal || (code >= 3000 && code <= 4999);
  try {
    if (isSayable) webSocket.close(code, reason);
    else webSocket.close();
  } catch {
    // The reason is too long: there is room for 123 bytes, and a character has at most three in each of its units.
    webSocket.close(code, reason.slice(0, 41));
  }
}
