import type { Socket } from 'node:net';
import { ResourceLimitError } from 'sc-protocol';
import type { ProxySettings, ProxyTarget } from './options.js';
import { reachTarget, targetLimit } from './reach-target.js';
import { encodeProxyHeader } from '../proxy-header/proxy-header.js';
import type { ProxyInfo } from '../proxy-header/proxy-header.js';
import { TargetTable } from '../targets/target-table.js';
import type { TargetEntry } from '../targets/target-table.js';

/** A connection to a target. Call `release` once when it has ended. */
export interface ReachedTarget {
  readonly connection: Socket;
  release(): void;
}

/**
 * Connects clients to targets: the best one first, then the remaining ones, then all again until the client's wait
 * timeout.
 */
export class TargetFinder {
  readonly #settings: ProxySettings;
  readonly #table: TargetTable<ProxyTarget>;
  /** Callbacks that wake clients waiting for a target. */
  readonly #wakeUps = new Set<() => void>();
  #isClosed = false;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#table = new TargetTable(settings);
    for (const target of settings.targets) this.#table.add(target);
  }

  get entries(): readonly TargetEntry<ProxyTarget>[] {
    return this.#table.entries;
  }

  /** Number of clients that wait because every target failed. */
  get waiting(): number {
    return this.#wakeUps.size;
  }

  add(target: ProxyTarget): void {
    this.#table.add(target);
    this.#wake();
  }

  remove(id: string): boolean {
    return this.#table.remove(id);
  }

  /** Counts the connections of one target for another one, to which they are moving. */
  succeed(from: string, to: string): void {
    this.#table.succeed(from, to);
  }

  /** Adds the listed targets that are missing and removes all targets that are not listed. */
  set(targets: readonly ProxyTarget[]): void {
    const wanted = new Set(targets.map(({ id }) => id));
    for (const { id } of this.#table.entries) if (!wanted.has(id)) this.#table.remove(id);
    for (const target of targets) if (this.#table.get(target.id) === undefined) this.add(target);
  }

  /** Ends all waits. Later calls of `reach` find no target. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /**
   * Tries targets until one accepts the connection. Resolves with `undefined` if the client has disconnected or the
   * wait timeout has passed.
   */
  async reach(client: Socket, info: ProxyInfo): Promise<ReachedTarget | undefined> {
    const { now, waitTimeoutMs, maxWaiting, connectTimeoutMs: timeoutMs, onWarning } = this.#settings;
    const { proxyHeader, acknowledged: awaitsAck } = this.#settings;
    const header = proxyHeader ? encodeProxyHeader(awaitsAck ? { ...info, awaitsAck } : info) : undefined;
    const address = info.source?.address;
    const deadline = now() + waitTimeoutMs;
    const tried = new Set<string>();
    let full = 0;
    while (!client.destroyed && !this.#isClosed) {
      const entry = this.#table.choose(address, ({ id }) => !tried.has(id));
      if (entry === undefined) {
        if (full > 0 && full === tried.size) {
          const problem = 'Every target has as many connections as it can hold';
          onWarning(new ResourceLimitError(problem, { limit: targetLimit }));
          return undefined;
        }
        if (now() >= deadline || this.#wakeUps.size >= maxWaiting) return undefined;
        await this.#pause();
        tried.clear();
        full = 0;
        continue;
      }
      tried.add(entry.id);
      // Count the connection before the target accepts it, so that simultaneous connections spread over the targets.
      entry.connections++;
      const settleOffer = this.#table.offer(entry);
      try {
        const connection = await reachTarget(entry.target, { timeoutMs, header, awaitsAck });
        return { connection, release: () => this.#table.release(entry) };
      } catch (error) {
        this.#table.release(entry);
        this.#table.eject(entry);
        if (error instanceof ResourceLimitError) full += 1;
        else onWarning(error as Error);
      } finally {
        settleOffer();
      }
    }
    return undefined;
  }

  /** Waits for a new target or for the retry delay. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.#wakeUps.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, this.#settings.retryDelayMs);
      this.#wakeUps.add(wakeUp);
    });
  }

  #wake(): void {
    for (const wakeUp of this.#wakeUps) wakeUp();
  }
}
