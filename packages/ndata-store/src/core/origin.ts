import type { Sink } from './topics.js';

/** Who gives a command: a link, or the in-process client. Its owner hands it to `StoreCore.leave` when it ends. */
export interface Origin extends Sink {
  /** Channels it is subscribed to. */
  readonly channels: Set<string>;
}
