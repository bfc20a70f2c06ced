import { WebSocket } from 'ws';
import { type Platform, webPlatform } from '../platform.js';
import type { WebSocketLike } from '../web-socket.js';
import { readRefusal } from './refusal.js';

/** Largest WebSocket message accepted from a server unless `wsOptions.maxPayload` overrides it. */
const maxPayloadBytes = 16 * 1024 * 1024;

/** Time limit for the server's close frame before the connection is destroyed. The process stays alive until then. */
const closeTimeoutMs = 2000;

/** Node.js: WebSockets of the `ws` package, without a page or storage. */
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
    // The event objects of `ws` have more fields than the interface, and its setters take the same functions.
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
