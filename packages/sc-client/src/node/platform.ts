import { WebSocket } from 'ws';
import { type Platform, webPlatform } from '../platform.js';
import type { WebSocketLike } from '../web-socket.js';
import { readRefusal } from './refusal.js';

/** Largest WebSocket message taken from a server unless `wsOptions.maxPayload` says otherwise. */
const maxPayloadBytes = 16 * 1024 * 1024;

/** How long a server may take to answer a close before the connection is cut; it keeps the process alive till then. */
const closeTimeoutMs = 2000;

/** Node.js: WebSockets of the `ws` package, no page, no storage. */
export const nodePlatform: Platform = {
  ...webPlatform,
  openWebSocket(url, protocols, wsOptions) {
    const { socketPath, ...options } = {
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      closeTimeout: closeTimeoutMs,
      ...(wsOptions as { readonly socketPath?: string } | undefined),
    };
    const { pathname, search } = new URL(url);
    const address = socketPath === undefined ? url : `ws+unix:${socketPath}:${pathname}${search}`;
    const webSocket = new WebSocket(address, [...protocols], options);
    // Its event objects have more fields than we read, and its setters take the same functions.
    const like = webSocket as unknown as WebSocketLike;
    webSocket.on('unexpected-response', (_request, response) => {
      readRefusal(response, (error) => {
        like.onerror?.({ error });
        webSocket.terminate();
      });
    });
    return like;
  },
  location: undefined,
  localStorage: undefined,
  watchStorage: () => () => undefined,
  watchWake: () => () => undefined,
};
