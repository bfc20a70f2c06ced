import type { Call } from '../../commands/call.js';
import type { Shard } from '../shard.js';

interface Standing {
  readonly call: Call;
  /** It has succeeded once. */
  isGiven: boolean;
}

/** Commands whose effect ends with a link, given again when the next one stands. */
export class RetainedCalls {
  readonly #shard: Pick<Shard, 'call' | 'status'>;
  readonly #onFail: (error: Error) => void;
  readonly #calls = new Map<string, Standing>();

  constructor(shard: Pick<Shard, 'call' | 'status'>, onFail: (error: Error) => void) {
    this.#shard = shard;
    this.#onFail = onFail;
  }

  async retain(id: string, call: Call): Promise<unknown> {
    const standing: Standing = { call, isGiven: false };
    this.#calls.set(id, standing);
    try {
      const value = await this.#shard.call(call);
      standing.isGiven = true;
      return value;
    } catch (error) {
      if (this.#calls.get(id) === standing) this.#calls.delete(id);
      throw error;
    }
  }

  async release(id: string, undo: Call): Promise<unknown> {
    const standing = this.#calls.get(id);
    this.#calls.delete(id);
    // A store that is away has forgotten it.
    if (standing?.isGiven === true && this.#shard.status().state !== 'ready') return undefined;
    return this.#shard.call(undo);
  }

  /** The link stands again. */
  renew(): void {
    for (const { call, isGiven } of this.#calls.values()) {
      // One that was never given waits among the calls. If the link is lost again, so is this: the next one renews it.
      if (isGiven) this.#shard.call(call).catch((error: unknown) => this.#failed(error as Error));
    }
  }

  #failed(error: Error): void {
    if (this.#shard.status().state === 'ready') this.#onFail(error);
  }
}
