import type { Platform, StorageLike } from './platform.js';

/**
 * Keeps the signed auth token between connections. Each function may answer at once, with a promise, or by a
 * callback as its last parameter `(error, value)`; one with a callback must declare it (it is found by `length`).
 */
export interface AuthEngine {
  /** Answers with the token, or with nothing when there is none. */
  loadToken(name: string, done: Callback): unknown;
  /** Stores a token. Calls back, or returns a promise. */
  saveToken(name: string, token: string, options: object, done: Callback): unknown;
  /** Deletes a token. Calls back, or returns a promise. */
  removeToken(name: string, done: Callback): unknown;
  /**
   * Calls back if another tab or program may have changed the token; `loadToken` then returns the current one. Returns
   * a function that stops it.
   */
  watchToken?(name: string, changed: (token: string | null) => void): () => void;
}

type Callback = (error: unknown, value?: unknown) => void;

/** The `auth` option: returns a signed auth token, or `null` if no user is logged in. */
export type TokenSource = () => string | null | Promise<string | null>;

/** An auth engine under one name, always answering with promises. */
export interface TokenStore {
  load(): Promise<string | null>;
  save(token: string): Promise<unknown>;
  remove(): Promise<unknown>;
  watch(changed: () => void): (() => void) | undefined;
}

export function tokenStore(engine: AuthEngine, name: string): TokenStore {
  // Its functions, whichever of the allowed forms they have.
  const functions = engine as unknown as Readonly<Record<keyof AuthEngine, (...all: unknown[]) => unknown>>;
  const run = async (method: keyof AuthEngine, ...args: unknown[]): Promise<unknown> => {
    if (functions[method].length <= args.length) return functions[method](...args);
    return new Promise((resolve, reject) => {
      functions[method](...args, (error: unknown, value: unknown) => {
        if ((error ?? null) === null) resolve(value);
        else reject(error);
      });
    });
  };
  return {
    load: async () => ((await run('loadToken', name)) as string | null | undefined) || null,
    save: (token) => run('saveToken', name, token, {}),
    remove: () => run('removeToken', name),
    watch: (changed) => engine.watchToken?.(name, changed),
  };
}

/** Keeps tokens as long as this object lives. */
export function memoryTokenStore(): AuthEngine {
  const tokens = new Map<string, string>();
  return {
    loadToken: (name: string) => tokens.get(name) ?? null,
    saveToken: (name: string, token: string) => void tokens.set(name, token),
    removeToken: (name: string) => void tokens.delete(name),
  };
}

/** Keeps tokens in the page's `localStorage`, or in memory where there is none or it refuses. */
export function defaultTokenStore(platform: Platform): AuthEngine {
  const storage = usableStorage(platform);
  if (storage === undefined) return memoryTokenStore();
  return {
    loadToken: (name: string) => storage.getItem(name),
    saveToken: (name: string, token: string) => storage.setItem(name, token),
    removeToken: (name: string) => storage.removeItem(name),
    watchToken: (name: string, changed) => platform.watchStorage(name, changed),
  };
}

/** Storage may be there and still refuse: blocked by a setting, or without room. */
function usableStorage(platform: Platform): StorageLike | undefined {
  const probe = 'socketcluster.probe';
  try {
    const storage = platform.localStorage;
    storage?.setItem(probe, '');
    storage?.removeItem(probe);
    return storage;
  } catch {
    return undefined;
  }
}
