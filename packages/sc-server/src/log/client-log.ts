import type { IncomingMessage } from 'node:http';
import { originOf } from '../http/origins.js';
import { limitOptions, type LimitHits, type LimitName } from '../limits/limit-hits.js';
import type { RefusalRule, ServerCounters } from '../metrics/server-counters.js';
import type { ResolvedServerOptions } from '../server/options.js';
import type { Logger } from './logger.js';
import { cutForLog } from './printable.js';

/** Why an upgrade was refused. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly rule: RefusalRule;
  /** The rule in words, with its values. */
  readonly reason: string;
}

/** The client that a log entry refers to. */
export interface LoggedClient {
  readonly id: string;
  readonly remoteAddress: string | undefined;
  readonly authToken: Readonly<Record<string, unknown>> | undefined;
}

export interface ClientLogDeps {
  readonly logger: Logger;
  readonly options: ResolvedServerOptions;
  readonly hits: LimitHits;
  readonly counters: ServerCounters;
  /** Interval between summaries, in milliseconds. */
  readonly summaryMs?: number;
}

const summaryIntervalMs = 60_000;

/**
 * Logs client activity: one entry per event at `debug`, and one summary of refused requests per minute at `info`.
 * Clients can trigger entries without limit, so higher levels are not used for individual events.
 */
export class ClientLog {
  readonly #logger: Logger;
  readonly #options: ResolvedServerOptions;
  readonly #hits: LimitHits;
  readonly #counters: ServerCounters;
  readonly #timer: NodeJS.Timeout;
  readonly #refusedUpgrades = new Map<number, number>();
  #refusedTokens = 0;
  #summarizedHits: Readonly<Record<LimitName, number>>;

  constructor({ logger, options, hits, counters, summaryMs = summaryIntervalMs }: ClientLogDeps) {
    this.#logger = logger;
    this.#options = options;
    this.#hits = hits;
    this.#counters = counters;
    this.#summarizedHits = hits.snapshot();
    this.#timer = setInterval(() => this.#summarize(), summaryMs).unref();
  }

  connected(client: LoggedClient, request: IncomingMessage): void {
    this.#counters.connections += 1;
    const origin = originOf(request);
    this.#logger.debug('Client connected', {
      ...this.#describe(client),
      ...(origin !== undefined && { origin: cutForLog(origin) }),
    });
  }

  handshakeDone(client: LoggedClient): void {
    this.#counters.handshakes += 1;
    this.#logger.debug('Client completed its handshake', this.#describe(client));
  }

  disconnected(client: LoggedClient, code: number, reason: string): void {
    this.#counters.closed(code);
    this.#logger.debug('Client disconnected', { ...this.#describe(client), code, reason: cutForLog(reason) });
  }

  /** Counts and logs that a client reached a limit. */
  reachedLimit(client: LoggedClient, limit: LimitName): void {
    this.#hits.hit(limit);
    const option = limitOptions[limit];
    this.#logger.debug('Client reached a limit', {
      ...this.#describe(client),
      limit,
      ...(option !== undefined && { option, value: this.#options[option] }),
    });
  }

  /** Counts and logs a refused upgrade with its status and the rule that refused it. */
  upgradeRefused(request: IncomingMessage, remoteAddress: string | undefined, refusal: UpgradeRefusal): void {
    const { status, rule, reason } = refusal;
    // The middleware line counts its own refusals.
    if (rule !== 'handshake') this.#counters.refusals[rule] += 1;
    this.#refusedUpgrades.set(status, (this.#refusedUpgrades.get(status) ?? 0) + 1);
    const origin = originOf(request);
    this.#logger.debug('Upgrade refused', {
      status,
      reason: cutForLog(reason),
      url: cutForLog(request.url ?? ''),
      remoteAddress,
      ...(origin !== undefined && { origin: cutForLog(origin) }),
    });
  }

  /** Counts and logs a refused token. `isSetting`: a setting of this server or of the token issuer may be wrong. */
  tokenRefused(client: LoggedClient, error: unknown, isSetting: boolean): void {
    this.#refusedTokens += 1;
    this.#counters.refusals.authToken += 1;
    this.#logger[isSetting ? 'warn' : 'debug']('An auth token was refused', { error, ...this.#describe(client) });
  }

  /** Stops the timer and writes the last summary. */
  stop(): void {
    clearInterval(this.#timer);
    this.#summarize();
  }

  #describe({ id, remoteAddress, authToken }: LoggedClient): object {
    const user = authToken?.[this.#options.userClaim];
    return { socketId: id, ...(user !== undefined && { user }), remoteAddress };
  }

  #summarize(): void {
    const hits = this.#hits.snapshot();
    const grown = Object.entries(hits)
      .map(([name, count]) => [name, count - this.#summarizedHits[name as LimitName]] as const)
      .filter(([, growth]) => growth > 0);
    const upgrades = [...this.#refusedUpgrades];
    const tokens = this.#refusedTokens;
    this.#summarizedHits = hits;
    this.#refusedUpgrades.clear();
    this.#refusedTokens = 0;
    if (grown.length + upgrades.length + tokens === 0) return;
    this.#logger.info('Clients were refused since the last summary; the log level debug shows each of them', {
      ...(upgrades.length > 0 && { upgradesByStatus: Object.fromEntries(upgrades) }),
      ...(tokens > 0 && { authTokens: tokens }),
      ...(grown.length > 0 && { limitHits: Object.fromEntries(grown) }),
    });
  }
}
