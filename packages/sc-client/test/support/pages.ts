import type { Platform } from '../../src/node/index.js';
import { nodePlatform } from '../../src/node/platform.js';

/** Platforms of pages that share one storage, as tabs of a browser do, and a clock that can be moved. */
export function browser(): {
  page: () => Platform;
  /** Tells every page that it is shown again. */
  wake: () => void;
  /** Makes time pass without timers noticing, as when a machine sleeps. */
  sleep: (ms: number) => void;
  readonly items: ReadonlyMap<string, string>;
  /** How many listeners the pages have. */
  listeners: () => number;
} {
  const items = new Map<string, string>();
  const wakers = new Set<() => void>();
  const storageListeners = new Set<{ key: string; page: object; changed: (value: string | null) => void }>();
  let slept = 0;
  const tell = (page: object, key: string, value: string | null): void => {
    for (const one of storageListeners) if (one.key === key && one.page !== page) one.changed(value);
  };
  return {
    items,
    wake: () => {
      for (const wake of wakers) wake();
    },
    sleep: (ms) => (slept += ms),
    listeners: () => wakers.size + storageListeners.size,
    page() {
      const page: Platform = {
        ...nodePlatform,
        now: () => Date.now() + slept,
        elapsed: () => performance.now() + slept,
        localStorage: {
          getItem: (key) => items.get(key) ?? null,
          setItem(key, value) {
            items.set(key, value);
            tell(page, key, value);
          },
          removeItem(key) {
            items.delete(key);
            tell(page, key, null);
          },
        },
        watchStorage(key, changed) {
          const listener = { key, page, changed };
          storageListeners.add(listener);
          return () => storageListeners.delete(listener);
        },
        watchWake(woken) {
          wakers.add(woken);
          return () => wakers.delete(woken);
        },
      };
      return page;
    },
  };
}
