import { InvalidArgumentsError } from 'sc-protocol';
import { CentralLog } from '../log/central-log.js';
import { isLogLevel, type LogThreshold } from '../log/entry.js';
import type { Logger } from '../log/logger.js';
import { createLoggerSink, createStreamSink, type StreamSink } from '../log/sinks.js';
import type { LogLevelMessage } from './children/messages.js';
import type { ResolvedClusterOptions } from './options/resolved-options.js';
import { tell } from './pools/tell.js';

/** A pool of processes, as far as the log is concerned with it. */
export interface LoggingPool {
  readonly members: readonly { readonly state: string; send(message: LogLevelMessage): void }[];
  readonly droppedWrites: number;
  pauseOutput(): void;
  resumeOutput(): void;
}

/** How long the end of a cluster waits for a reader of the log that stands still. */
const flushDeadlineMs = 2_000;

/** Output that was read from processes before they were told to wait: a read of 64 KB for each, doubled by formatting. */
const blockedSlackBytes = 16 * 1024 * 1024;

/** The central log of a cluster: where it goes, its level in all processes, and what happens when it is not read. */
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
      // Processes drop or wait then, so that this one need not read what it would drop.
      onPressure: (isHigh: boolean) => this.#press(isHigh),
    };
    this.#openStreams = () => (this.#streams ??= createStreamSink(process.stdout, process.stderr, settings));
    const sink = logger === undefined ? this.#openStreams() : createLoggerSink(logger, this.#openStreams);
    this.central = new CentralLog(logLevel, sink);
  }

  /** How many entries were dropped because their reader was too slow or gone. */
  get dropped(): number {
    const byProcesses = this.#pools().reduce((sum, { droppedWrites }) => sum + droppedWrites, 0);
    return (this.#streams?.dropped ?? 0) + byProcesses;
  }

  /** Changes the level here and in every process. */
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

  /** Settles when everything is written, or soon. */
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
