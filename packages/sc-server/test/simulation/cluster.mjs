// Stores, workers and clients of a simulated cluster: the code that is published, each in a simulated process.
import { createServer } from 'node:http';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { NdataClusterClient, NdataServer } from 'ndata-store';
import { connect } from '../../../sc-client/dist/index.js';
import { SCServer } from '../../dist/index.js';
import { abandonFiles } from './disk.mjs';
import { breakStore } from './faults.mjs';
import { Network, useNetwork } from './network.mjs';
import { SimulatedProcess } from './scheduler.mjs';
import { createWebSocketClass } from './web-socket.mjs';

const storePort = 9000;
const workerPort = 8000;
const quiet = () => undefined;

export class SimulatedCluster {
  network = new Network();
  stores = [];
  workers = [];
  clients = [];
  scheduler;
  settings;
  /** Bytes of logs that a power failure took. */
  lostBytes = 0;
  #folder;
  #log;

  constructor(scheduler, settings, folder, log) {
    this.scheduler = scheduler;
    this.settings = settings;
    this.#folder = folder;
    this.#log = log;
    useNetwork(this.network);
    const choosePort = () => workerPort + scheduler.integer(0, settings.workers - 1);
    globalThis.WebSocket = createWebSocketClass(this.network, scheduler, choosePort);
  }

  start() {
    const { settings } = this;
    for (let index = 0; index < settings.stores; index++) this.startStore(index);
    for (let index = 0; index < settings.workers; index++) this.startWorker(index);
    for (let index = 0; index < settings.clients; index++) this.#startClient(index);
  }

  startStore(index) {
    const { scheduler, settings } = this;
    const process = new SimulatedProcess(`store${index}`);
    const { channels, fsync, compactBytes } = settings;
    const folder = join(this.#folder, process.name);
    const store = { process, folder };
    this.stores[index] = store;
    scheduler.schedule(
      0,
      () => {
        const persist = fsync === undefined ? {} : { persist: { folder, fsync, compactBytes } };
        store.server = new NdataServer({ port: storePort + index, channels, ...persist });
        store.server.on('error', (error) => this.#log(process.name, error.message));
        store.server.listen();
      },
      process,
    );
  }

  /** Ends a store as `kill -9` or a power failure does. */
  killStore(index, isPowerLoss) {
    const { scheduler } = this;
    const { process, folder } = this.stores[index];
    if (!process.isAlive) return;
    scheduler.kill(process);
    this.lostBytes += abandonFiles(process, folder, isPowerLoss);
    if (scheduler.random() < 0.02) rmSync(folder, { recursive: true, force: true });
    scheduler.schedule(scheduler.between(20, 1500), () => this.startStore(index), scheduler.kernel);
  }

  /** Ends a store in order, as a restart of the cluster does. */
  closeStore(index) {
    const { scheduler } = this;
    const store = this.stores[index];
    if (!store.process.isAlive || store.server === undefined || store.isClosing) return;
    store.isClosing = true;
    const started = () => {
      scheduler.kill(store.process);
      this.startStore(index);
    };
    scheduler.schedule(0, () => void store.server.close().then(started, started), store.process);
  }

  startWorker(index) {
    const { scheduler, settings } = this;
    const process = new SimulatedProcess(`worker${index}`);
    const worker = { process };
    this.workers[index] = worker;
    scheduler.schedule(0, () => this.#serve(worker, index, settings), process);
  }

  killWorker(index) {
    const { scheduler } = this;
    const { process } = this.workers[index];
    if (!process.isAlive) return;
    scheduler.kill(process);
    scheduler.schedule(scheduler.between(10, 1000), () => this.startWorker(index), scheduler.kernel);
  }

  /** Ends a worker as a reload does: the next one serves before this one closes its sockets. */
  reloadWorker(index) {
    const { scheduler } = this;
    const { process, scServer } = this.workers[index];
    if (!process.isAlive || scServer === undefined) return;
    this.network.close(workerPort + index, process);
    this.startWorker(index);
    const gone = () => scheduler.kill(process);
    scheduler.schedule(5, () => void scServer.drain(200).then(gone, gone), process);
  }

  #serve(worker, index, { channels: _channels, ...settings }) {
    const { process } = worker;
    const shards = Array.from({ length: settings.stores }, (_, shard) => ({ port: storePort + shard }));
    const store = new NdataClusterClient({
      shards,
      callTimeoutMs: 2500,
      connectTimeoutMs: 1000,
      reconnectDelayMaxMs: 200,
    });
    store.on('error', quiet);
    breakStore(store, settings.fault, this.scheduler);
    const http = createServer();
    const log = (message, details) => this.#log(process.name, `${message} ${details?.error ?? ''}`);
    const scServer = SCServer.attach(http, {
      store,
      authKey: 'a key for simulations, 32 bytes long',
      maxEventLoopLag: 0,
      maxHeapPercent: 0,
      connectionRate: 0,
      subscribeRate: 0,
      pingInterval: 1500,
      pingTimeout: 4000,
      recoverLimit: settings.recoverLimit,
      maxPendingBytes: settings.maxPendingBytes,
      logger: { error: log, warn: log, info: quiet, debug: quiet },
    });
    if (settings.hasPublishOut) {
      scServer.addMiddleware('publishOut', async () => {
        if (this.scheduler.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 3));
      });
    }
    if (settings.hasSubscribeLine) {
      scServer.addMiddleware('subscribe', async () => {
        if (this.scheduler.random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 5));
      });
    }
    worker.scServer = scServer;
    this.network.listen(workerPort + index, process, (socket) => http.emit('connection', socket));
  }

  #startClient(index) {
    const { scheduler, settings } = this;
    const process = new SimulatedProcess(`client${index}`);
    const client = { process, name: process.name, channels: [] };
    this.clients[index] = client;
    const start = () => {
      client.socket = connect({
        hostname: 'simulated',
        port: 1,
        secure: false,
        authEngine: null,
        ackTimeout: settings.ackTimeout,
        autoReconnectOptions: { initialDelay: 20, randomness: 100, maxDelay: 500 },
      });
      client.socket.on('error', (error) => this.#log(process.name, error.message));
      client.started?.(client);
    };
    scheduler.schedule(scheduler.between(0, 50), start, process);
  }
}
