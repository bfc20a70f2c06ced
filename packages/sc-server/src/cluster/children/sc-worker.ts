import type { Server as HttpServer } from 'node:http';
import { Emitter } from 'sc-channel';
import type { AppShape } from 'sc-protocol';
import type { Exchange } from '../../channels/exchange.js';
import type { SCServer } from '../../server/sc-server.js';

export type WorkerEvents = {
  /** The supervisor's `sendToWorker` said this. */
  masterMessage: [data: unknown];
};

/** What `run(worker)` of a worker controller gets. */
export interface WorkerSetting<App extends AppShape = AppShape> {
  readonly id: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly httpServer: HttpServer;
  readonly scServer: SCServer<App>;
  readonly sendToMaster: (data: unknown) => void;
}

/** A worker process, as its controller sees it. `SCWorker<App>` knows the names and data of an application. */
export class SCWorker<App extends AppShape = AppShape> extends Emitter<WorkerEvents> {
  /** From 0. A worker that replaces a crashed one has its id. */
  readonly id: number;
  /** True in exactly one worker. */
  readonly isLeader: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** A plain Node HTTP server: mount a framework, or listen to `request`. */
  readonly httpServer: HttpServer;
  readonly scServer: SCServer<App>;
  readonly #send: (data: unknown) => void;

  /** @internal */
  constructor({ id, options, httpServer, scServer, sendToMaster }: WorkerSetting<App>) {
    super();
    this.id = id;
    this.isLeader = id === 0;
    this.options = options;
    this.httpServer = httpServer;
    this.scServer = scServer;
    this.#send = sendToMaster;
  }

  get exchange(): Exchange<App> {
    return this.scServer.exchange;
  }

  /** The same object as `exchange`, under its first name. */
  get global(): Exchange<App> {
    return this.scServer.exchange;
  }

  getSCServer(): SCServer<App> {
    return this.scServer;
  }

  getHTTPServer(): HttpServer {
    return this.httpServer;
  }

  /** Sends data, as JSON, to the supervisor, where it is the event `workerMessage`. */
  sendToMaster(data: unknown): void {
    this.#send(data);
  }
}
