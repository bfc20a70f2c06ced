import type { Server as HttpServer } from 'node:http';
import { monotonicMs } from 'sc-balancer';
import { Emitter } from 'sc-channel';
import type { AppShape } from 'sc-protocol';
import type { Exchange } from '../../channels/exchange.js';
import type { Logger } from '../../log/logger.js';
import type { SCServer } from '../../server/sc-server.js';

/** Events of a worker. */
export type WorkerEvents = {
  /** This worker has become the leader. */
  leaderStart: [];
  /** This worker is no longer the leader; another one may now be. */
  leaderEnd: [];
  /** Data that the supervisor sent with `sendToWorker`. */
  masterMessage: [data: unknown];
};

/** Constructor parameters of the argument of `run(worker)`. */
export interface WorkerSetting<App extends AppShape = AppShape> {
  readonly id: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly httpServer: HttpServer;
  readonly scServer: SCServer<App>;
  readonly logger: Logger;
  readonly sendToMaster: (data: unknown) => void;
  /** End of its lease as the leader, by the host's monotonic clock; 0 if it does not lead. */
  readonly leadsUntil: number;
}

/**
 * A worker process, as passed to its controller. `SCWorker<App>` is typed with the names and data of an application.
 */
export class SCWorker<App extends AppShape = AppShape> extends Emitter<WorkerEvents> {
  /** Id of the worker, from 0. A replacement has the same id. */
  readonly id: number;
  /** The options of the cluster, without secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  /** A plain Node HTTP server: mount a framework, or listen to `request`. */
  readonly httpServer: HttpServer;
  /** The server for the sockets of this worker. */
  readonly scServer: SCServer<App>;
  /** Writes to the central log of the cluster, at its level. */
  readonly logger: Logger;
  readonly #send: (data: unknown) => void;
  #leadsUntil = 0;
  #wasLeader = false;
  #leaseEnd: NodeJS.Timeout | undefined;

  /** @internal */
  constructor({ id, options, httpServer, scServer, logger, sendToMaster, leadsUntil }: WorkerSetting<App>) {
    super();
    this.id = id;
    this.options = options;
    this.httpServer = httpServer;
    this.scServer = scServer;
    this.logger = logger;
    this.#send = sendToMaster;
    this.setLead(leadsUntil);
  }

  /**
   * True in at most one worker at any time, even during a reload. It changes while the worker runs: read it whenever
   * work for a single process is due, or listen to `leaderStart` and `leaderEnd`. While a leader that hangs is
   * replaced, there is no leader for at most three seconds.
   */
  get isLeader(): boolean {
    return monotonicMs() < this.#leadsUntil;
  }

  /** Channels and shared data of the whole cluster. */
  get exchange(): Exchange<App> {
    return this.scServer.exchange;
  }

  /** The same object as `exchange`, under its first name. */
  get global(): Exchange<App> {
    return this.scServer.exchange;
  }

  /** @internal Sets the end of the lease, as sent by the supervisor. */
  setLead(until: number): void {
    clearTimeout(this.#leaseEnd);
    this.#leadsUntil = until;
    const { isLeader } = this;
    if (isLeader) this.#leaseEnd = setTimeout(() => this.setLead(until), until - monotonicMs() + 1).unref();
    if (isLeader === this.#wasLeader) return;
    this.#wasLeader = isLeader;
    this.emit(isLeader ? 'leaderStart' : 'leaderEnd');
  }

  /** Returns `scServer`, as in the original. */
  getSCServer(): SCServer<App> {
    return this.scServer;
  }

  /** Returns `httpServer`, as in the original. */
  getHTTPServer(): HttpServer {
    return this.httpServer;
  }

  /** Sends data, as JSON, to the supervisor, which emits `workerMessage`. */
  sendToMaster(data: unknown): void {
    this.#send(data);
  }
}
