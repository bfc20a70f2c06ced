import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { StoreOptions } from '../../src/index.js';
import type { OpenStore } from './stores.js';

/** Opens a store for the tests of a suite, empties it before each, and closes it behind them. It is there while they run. */
export function useStore(
  open: (options?: StoreOptions) => Promise<OpenStore>,
  options?: StoreOptions,
): Pick<OpenStore, 'store' | 'other'> {
  let opened: OpenStore | undefined;
  const whileOpen = (): OpenStore => {
    if (opened === undefined) throw new Error('The store is open only while tests run');
    return opened;
  };
  beforeAll(async () => {
    opened = await open(options);
  });
  beforeEach(() => whileOpen().store.removeAll());
  afterAll(() => opened?.close());
  return {
    get store() {
      return whileOpen().store;
    },
    get other() {
      return whileOpen().other;
    },
  };
}
