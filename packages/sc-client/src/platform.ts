import type { WebSocketLike } from './web-socket.js';

/** The services of the platform that the client uses. Tests inject their own clock and randomness. */
export interface Platform {
  /** Starts opening a WebSocket. `wsOptions` holds the user's options, for platforms that support them. */
  openWebSocket(url: string, protocols: readonly string[], wsOptions: WsOptions | undefined): WebSocketLike;
  /** Origin of the page, if there is one: its host is the default host. */
  readonly location: { readonly hostname: string; readonly port: string; readonly protocol: string } | undefined;
  /** Persistent storage, if there is any. Reading this property may throw, as in sandboxed frames. */
  readonly localStorage: StorageLike | undefined;
  /** Calls back when another tab changes the value under the key. Returns a function that stops watching. */
  watchStorage(key: string, changed: (value: string | null) => void): () => void;
  /** Calls back when the page becomes visible again or the network returns. Returns a function that stops watching. */
  watchWake(woken: () => void): () => void;
  /** Milliseconds since 1970 by the wall clock, which may be wrong or be adjusted at any time. */
  now(): number;
  /** Milliseconds of a monotonic clock. */
  elapsed(): number;
  /** A random number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** Calls the function once after the delay in milliseconds. Returns a function that cancels the timer. */
  startTimer(run: () => void, delayMs: number): () => void;
}

/** Options for the WebSocket of the Node entry, passed to `ws` as they are. */
export type WsOptions = Readonly<Record<string, unknown>>;

/** The part of `localStorage` that is used. */
export interface StorageLike {
  /** As in the Storage API of browsers. */
  getItem(key: string): string | null;
  /** As in the Storage API of browsers. */
  setItem(key: string, value: string): void;
  /** As in the Storage API of browsers. */
  removeItem(key: string): void;
}

/** Longest delay of a timer: a longer one would fire immediately. */
export const longestMs = 2 ** 31 - 1;

interface EventTargetLike {
  addEventListener?(type: string, listener: (event: StorageEventLike) => void): void;
  removeEventListener?(type: string, listener: (event: StorageEventLike) => void): void;
}

interface StorageEventLike {
  readonly key?: string | null;
  readonly newValue?: string | null;
}

interface Globals extends EventTargetLike {
  readonly WebSocket?: new (url: string, protocols?: string[]) => WebSocketLike;
  readonly location?: { readonly hostname: string; readonly port: string; readonly protocol: string };
  readonly localStorage?: StorageLike;
  readonly document?: EventTargetLike & { readonly visibilityState?: string };
  readonly performance?: { now(): number };
}

// Browsers, workers, React Native, Deno and other platforms provide these globals, or some of them.
const globals = globalThis as Globals;

/** Any platform with a global `WebSocket`. */
export const webPlatform: Platform = {
  openWebSocket(url, protocols) {
    if (globals.WebSocket === undefined) throw new Error('There is no global WebSocket here');
    return new globals.WebSocket(url, protocols as string[]);
  },
  get location() {
    return globals.location;
  },
  get localStorage() {
    return globals.localStorage;
  },
  watchStorage: (key, changed) =>
    listen(globals, 'storage', (event) => {
      // A `null` key means that the storage was cleared.
      if (event.key === key || event.key === null) changed(event.newValue ?? null);
    }),
  watchWake(woken) {
    const { document } = globals;
    const stopOnline = listen(globals, 'online', woken);
    const stopVisible = listen(document, 'visibilitychange', () => {
      if (document?.visibilityState === 'visible') woken();
    });
    return () => {
      stopOnline();
      stopVisible();
    };
  },
  now: () => Date.now(),
  elapsed: () => (globals.performance ?? Date).now(),
  random: () => Math.random(),
  startTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

function listen(
  target: EventTargetLike | undefined,
  type: string,
  listener: (event: StorageEventLike) => void,
): () => void {
  target?.addEventListener?.(type, listener);
  return () => target?.removeEventListener?.(type, listener);
}
