/** The subset of the WebSocket API in use, provided by browsers and by `ws`. */
export interface WebSocketLike {
  /** As in the WebSocket API of browsers. */
  binaryType: string;
  /** As in the WebSocket API of browsers. */
  readonly readyState: number;
  /** As in the WebSocket API of browsers. */
  readonly bufferedAmount: number;
  /** As in the WebSocket API of browsers. */
  onopen: (() => void) | null;
  /** As in the WebSocket API of browsers. */
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  /** As in the WebSocket API of browsers. */
  onerror: ((event?: { readonly error?: unknown }) => void) | null;
  /** As in the WebSocket API of browsers. */
  onclose: ((event: { readonly code?: number; readonly reason?: string }) => void) | null;
  /** As in the WebSocket API of browsers. */
  send(data: string | Uint8Array | ArrayBuffer): void;
  /** As in the WebSocket API of browsers. */
  close(code?: number, reason?: string): void;
}

/** `readyState` of a WebSocket that can send. */
export const openReadyState = 1;
