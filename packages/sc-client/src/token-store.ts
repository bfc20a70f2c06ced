import type { Platform, StorageLike } from './platform.js';

/**
 * Stores the signed auth token between connections. Each function may return its result, a promise of it, or pass it to
 * a callback `(error, value)` as its last parameter. A function with a callback must declare it, because it is detected
 * by `length`.
 */
export interface AuthEngine {
  /** Returns the token, or nothing when there is none. */
  loadToken(name: string, done: Callback): unknown;
  /** Stores a token. Calls back or returns a promise. */
  saveToken(name: string, token: string, options: object, done: Callback): unknown;
  /** Deletes a token. Calls back or returns a promise. */
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

/** An auth engine bound to one name, with promises for all results. */
export interface TokenStore {
  load(): Promise<string | null>;
  save(token: string): Promise<unknown>;
  remove(): Promise<unknown>;
  watch(changed: () => void): (() => void) | undefined;
}

export function tokenStore(engine: AuthEngine, name: string): TokenStore {
  // The engine's functions, in any of the allowed forms.
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

/** Stores tokens in memory, as long as this object lives. */
export function memoryTokenStore(): AuthEngine {
  const tokens = new Map<string, string>();
  return {
    loadToken: (name: string) => tokens.get(name) ?? null,
    saveToken: (name: string, token: string) => void tokens.set(name, token),
    removeToken: (name: string) => void tokens.delete(name),
  };
}

/** Stores tokens in the page's `localStorage`, or in memory if that is missing or unusable. */
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

/** Storage may exist and still reject writes: blocked by a setting, or full. */
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
