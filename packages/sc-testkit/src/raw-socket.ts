import { createCallIds, jsonCodec } from 'sc-protocol';
import type { Codec, HandshakeStatus, WireMessage } from 'sc-protocol';
import { WebSocket } from 'ws';
import { waitFor, withDeadline } from './wait-for.js';

export interface RawSocketOptions {
  /** Codec of the frames. @default JSON */
  readonly codec?: Codec;
  /** WebSocket subprotocols to offer. */
  readonly protocols?: readonly string[];
  /** Headers of the upgrade request, `Origin` among them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Answer pings of every form, so that the server keeps the socket. @default true */
  readonly answersPings?: boolean;
  /** Accept a self-signed certificate. @default true */
  readonly acceptsAnyCertificate?: boolean;
}

/** A response frame as received. */
export interface RawResponse {
  readonly rid: number;
  readonly data?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly [property: string]: unknown };
}

export interface RawClose {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket for raw frames: sends data unchanged, and records everything received. */
export interface RawSocket {
  /** All messages received so far, unchanged, in order. */
  readonly messages: readonly WireMessage[];
  /** All frames received so far, decoded, with batches split and without pings. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the WebSocket has closed. Never rejects. */
  readonly closed: Promise<RawClose>;
  readonly subprotocol: string;
  /** Sends text or bytes exactly as given. */
  send(message: WireMessage): void;
  /** Sends a value through the codec. */
  sendFrame(frame: unknown): void;
  /** Returns the next matching frame that no earlier `next` has returned. */
  next(
    matches: (frame: Readonly<Record<string, unknown>>) => boolean,
    options?: { readonly deadlineMs?: number; readonly what?: string },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Sends `#handshake` and returns the server's response. Rejects if the handshake is refused. */
  handshake(authToken?: string | null): Promise<HandshakeStatus>;
  /** Sends an event with a call id and returns the response, including an error. */
  call(event: string, data?: unknown, options?: { readonly deadlineMs?: number }): Promise<RawResponse>;
  /** Sends an event without a call id. */
  emit(event: string, data?: unknown): void;
  close(code?: number, reason?: string): Promise<RawClose>;
  /** Cuts the TCP connection without a close frame. */
  terminate(): void;
}

/** Opens a WebSocket for raw frames. Rejects if the upgrade is refused; the error then has a `statusCode`. */
export async function rawSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const codec = options.codec ?? jsonCodec;
  const webSocket = new WebSocket(url, [...(options.protocols ?? [])], {
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    rejectUnauthorized: options.acceptsAnyCertificate === false,
    perMessageDeflate: false,
  });
  const messages: WireMessage[] = [];
  const frames: Record<string, unknown>[] = [];
  const returned = new Set<unknown>();
  const nextCallId = createCallIds();

  webSocket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? new Uint8Array(data) : data.toString('utf8');
    messages.push(message);
    const pong = message === '' ? '' : message === '#1' ? '#2' : message === '1' ? '2' : undefined;
    if (pong !== undefined) {
      if (options.answersPings !== false) webSocket.send(pong);
      return;
    }
    const value: unknown = codec.decode(message);
    for (const frame of Array.isArray(value) ? (value as unknown[]) : [value]) {
      // A codec may encode the ping as a separate frame.
      if (frame === '' || frame === null) {
        if (options.answersPings !== false) webSocket.send(codec.encode('') as string);
      } else if (typeof frame === 'object') frames.push(frame as Record<string, unknown>);
    }
  });
  const closed = new Promise<RawClose>((resolve) => {
    webSocket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString('utf8') });
    });
  });
  await opened(webSocket);

  const socket: RawSocket = {
    messages,
    frames,
    closed,
    subprotocol: webSocket.protocol,
    send(message) {
      webSocket.send(message);
    },
    sendFrame(frame) {
      webSocket.send(codec.encode(frame) as WireMessage);
    },
    async next(matches, { deadlineMs = 10_000, what = 'a matching frame' } = {}) {
      const frame = await waitFor(() => frames.find((candidate) => !returned.has(candidate) && matches(candidate)), {
        deadlineMs,
        what: () => `${what}; received ${JSON.stringify(frames)}, state ${webSocket.readyState}`,
      });
      returned.add(frame);
      return frame;
    },
    async handshake(authToken = null) {
      const response = await socket.call('#handshake', { authToken });
      if (response.error) throw Object.assign(new Error(response.error.message), response.error);
      return response.data as HandshakeStatus;
    },
    async call(event, data, { deadlineMs = 10_000 } = {}) {
      const cid = nextCallId();
      socket.sendFrame(data === undefined ? { event, cid } : { event, data, cid });
      const response = await socket.next((frame) => frame['rid'] === cid, {
        deadlineMs,
        what: `the answer to ${event}`,
      });
      return response as unknown as RawResponse;
    },
    emit(event, data) {
      socket.sendFrame(data === undefined ? { event } : { event, data });
    },
    async close(code = 1000, reason = '') {
      webSocket.close(code, reason);
      try {
        return await withDeadline(closed, { deadlineMs: 5_000, what: 'the WebSocket to close' });
      } finally {
        webSocket.terminate();
      }
    },
    terminate() {
      webSocket.terminate();
    },
  };
  return socket;
}

function opened(webSocket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    webSocket.on('open', resolve);
    // Not removed: an error after opening is followed by `close`, which is sufficient for tests.
    webSocket.on('error', reject);
    webSocket.on('unexpected-response', (request, response) => {
      response.resume();
      request.destroy();
      reject(
        Object.assign(new Error(`The upgrade was answered with HTTP ${response.statusCode ?? 0}`), {
          statusCode: response.statusCode,
        }),
      );
    });
  });
}
