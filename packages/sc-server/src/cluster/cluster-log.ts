import { InvalidArgumentsError } from 'sc-protocol';
import { CentralLog } from '../log/central-log.js';
import { isLogLevel, type LogThreshold } from '../log/entry.js';
import type { Logger } from '../log/logger.js';
import { createLoggerSink, createStreamSink, type StreamSink } from '../log/sinks.js';
import type { LogLevelMessage } from './children/messages.js';
import type { ResolvedClusterOptions } from './options/resolved-options.js';
import { tell } from './pools/tell.js';

/** The part of a process pool that the log uses. */
export interface LoggingPool {
  readonly members: readonly { readonly state: string; send(message: LogLevelMessage): void }[];
  readonly droppedWrites: number;
  pauseOutput(): void;
  resumeOutput(): void;
}

/** How long the shutdown waits for a stalled reader of the log. */
const flushDeadlineMs = 2_000;

/**
 * Allowance for output that was read from processes before they were paused: a read of 64 KB for each, doubled by
 * formatting.
 */
const blockedSlackBytes = 16 * 1024 * 1024;

/** The central log of a cluster: its destination, its level in all processes, and backpressure from its readers. */
export class ClusterLog {
  readonly central: CentralLog;
  readonly #pools: () => readonly LoggingPool[];
  readonly #openStreams: () => StreamSink;
  #streams: StreamSink | undefined;

  constructor(
    { logLevel, logBufferBytes, logOverflow }: ResolvedClusterOptions,
    logger: Logger | undefined,
    pools: () => readonly LoggingPool[],
  ) {
    this.#pools = pools;
    const isBlocking = logOverflow === 'block';
    const settings = {
      maxBytes: logBufferBytes,
      slackBytes: isBlocking ? blockedSlackBytes : 0,
      // Pause or drop in the child processes, so that this process does not read output only to drop it.
      onPressure: (isHigh: boolean) => this.#press(isHigh),
    };
    this.#openStreams = () => (this.#streams ??= createStreamSink(process.stdout, process.stderr, settings));
    const sink = logger === undefined ? this.#openStreams() : createLoggerSink(logger, this.#openStreams);
    this.central = new CentralLog(logLevel, sink);
  }

  /** Number of entries dropped because their reader was too slow or had exited. */
  get dropped(): number {
    const byProcesses = this.#pools().reduce((sum, { droppedWrites }) => sum + droppedWrites, 0);
    return (this.#streams?.dropped ?? 0) + byProcesses;
  }

  /** Changes the level in this process and in all child processes. */
  setLevel(level: LogThreshold): void {
    if (!isLogLevel(level)) {
      throw new InvalidArgumentsError(
        `The log level must be silent, error, warn, info or debug, got ${JSON.stringify(level)}`,
      );
    }
    this.central.setThreshold(level);
    for (const pool of this.#pools()) {
      for (const member of pool.members) if (member.state !== 'exited') tell(member, { type: 'log-level', level });
    }
  }

  /** Settles when everything is written, or after `flushDeadlineMs`. */
  async flush(): Promise<void> {
    await this.#streams?.flush(flushDeadlineMs);
  }

  #press(isHigh: boolean): void {
    for (const pool of this.#pools()) {
      if (isHigh) pool.pauseOutput();
      else pool.resumeOutput();
    }
  }
}
