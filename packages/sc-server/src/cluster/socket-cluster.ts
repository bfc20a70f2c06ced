import { Emitter } from 'sc-channel';
import { InvalidActionError, StartError } from 'sc-protocol';
import { createAdmin, type Admin } from './admin/admin.js';
import { ClusterLog } from './cluster-log.js';
import type { LogThreshold } from '../log/entry.js';
import type { Logger } from '../log/logger.js';
import { checkDrainTime } from '../server/close-spread.js';
import type { ClusterEvents, ClusterStatus } from './cluster-events.js';
import { ControlServer, type ControlOwner } from './control/control-server.js';
import type { Delivery, WorkerMember } from './delivery/delivery.js';
import { createHandOffDelivery } from './delivery/hand-off.js';
import { createPublicListener, type PublicListener } from './delivery/public-listener.js';
import { createProxyDelivery, type BalancerProcesses } from './delivery/proxy.js';
import { describeProcesses } from './describe-processes.js';
import { drainWorkers } from './drain-workers.js';
import { guardSockets } from './guard-sockets.js';
import { createHealthServer } from './health/create-health-server.js';
import type { HealthServer } from './health/health-server.js';
import { notifyServiceManager } from './health/service-manager.js';
import { Inspector } from './inspect/inspector.js';
import { ClusterMetrics } from './metrics/cluster-metrics.js';
import type { SocketClusterOptions } from './options/cluster-table.js';
import type { ResolvedClusterOptions } from './options/resolved-options.js';
import { resolveForCaller } from './options/resolve-for-caller.js';
import { serveMoves, type ServedMoves } from './moves/serve-moves.js';
import { createPools, type Pools } from './pools/pools.js';
import { processFolder } from './pools/process-files.js';
import { tell } from './pools/tell.js';
import { createRuntimeDirectory, type RuntimeDirectory } from './host/runtime-directory.js';
import { warnOfZombies } from './host/zombies.js';
import type { ProtocolOptions } from './options/protocol-options.js';
import { Leadership, type Candidate } from './leadership.js';
import { createSharedTls } from './tls/shared.js';
import { TlsControl } from './tls/tls-control.js';
import { watchFiles } from './tls/watch-files.js';
import { exitUnlessHandled, handleSignals } from './signals.js';
import { explainStartFailure } from './start-failure.js';
import { watchPools, type PoolWatcher } from './pools/crash-log.js';

/** Minimum time for balancers to send the remaining output of workers, in milliseconds. */
const leastCloseMs = 200;

/**
 * Turns this process into the supervisor of a cluster: stores, workers, optional balancers, and the listener of the
 * public port. It starts immediately; `ready` reports that it serves, `fail` an error. If it cannot start, it logs one
 * error, stops the processes that it had started, and sets the exit code to 1.
 */
export class SocketCluster extends Emitter<ClusterEvents> {
  /** Name of the event `ready`, as in the original. */
  static readonly EVENT_READY = 'ready';
  /** Name of the event `fail`, as in the original. */
  static readonly EVENT_FAIL = 'fail';
  /** As the static constant. */
  readonly EVENT_READY = 'ready';
  /** As the static constant. */
  readonly EVENT_FAIL = 'fail';
  readonly #options: ResolvedClusterOptions;
  readonly #log: ClusterLog;
  readonly #logger: Logger;
  readonly #directory: RuntimeDirectory;
  readonly #tlsControl: TlsControl;
  readonly #delivery: Delivery;
  readonly #leadership: Leadership<WorkerMember>;
  readonly #balancers: BalancerProcesses | undefined;
  readonly #pools: Pools;
  readonly #moves: ServedMoves;
  readonly #health: HealthServer | undefined;
  readonly #metrics: ClusterMetrics;
  readonly #public: PublicListener;
  readonly #control: ControlServer;
  readonly #admin: Admin | undefined;
  readonly #forgetSignals: () => void;
  readonly #watches: readonly (() => void)[];
  /** Settles when no step of the start is in progress. */
  readonly #launched: Promise<void>;
  readonly #started: Promise<void>;
  #state: ClusterStatus['state'] = 'starting';
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #isEnding = false;

  /** Reads missing options from the environment (`SC_PORT` …), then the defaults. Throws `InvalidOptionsError`. */
  constructor(options: SocketClusterOptions) {
    const resolved = resolveForCaller(options, SocketCluster);
    super((error) => this.#logger.error('A listener of the cluster failed', { error }));
    this.#options = resolved;
    this.#log = new ClusterLog(resolved, options.logger, () => this.#allPools());
    const { central: log } = this.#log;
    this.#logger = log.from({ role: 'supervisor', pid: process.pid });
    this.#directory = createRuntimeDirectory(resolved);
    this.#public = createPublicListener(resolved, this.#logger);
    const { listener } = this.#public;
    const tls = createSharedTls(resolved);
    this.#tlsControl = new TlsControl(resolved, tls, this.#logger);
    if (resolved.balancers > 0) {
      const delivery = createProxyDelivery(resolved, tls, listener, this.#directory, log);
      this.#delivery = delivery;
      this.#balancers = delivery.balancers;
    } else {
      this.#delivery = createHandOffDelivery(tls, listener);
    }
    this.#leadership = new Leadership({
      send: (member, until) => tell(member, { type: 'lead', until }),
      startMs: resolved.readyTimeout,
    });
    const leadsUntil = (one: Candidate) => this.#leadership.starting(one);
    this.#pools = createPools(resolved, this.#directory, this.#delivery, leadsUntil, log);
    const dropped = () => this.#log.dropped;
    this.#metrics = new ClusterMetrics({ options: resolved, listener: this.#public, tls, dropped });
    this.#metrics.watch(this.#pools, this.#balancers);
    this.#health = createHealthServer(resolved, this.#metrics, () => this.status());
    this.#moves = serveMoves(resolved, this.#directory, this.#pools.workers, this.#delivery, this.#logger);
    this.#watchWorkers();
    this.#pools.stores.on('message', (member, message) => {
      if (message.type === 'store-message') this.emit('storeMessage', member.id, message.data);
    });
    const watching: Omit<PoolWatcher, 'count' | 'onExtinct'> = {
      isRunning: () => this.#state === 'running' || this.#state === 'draining',
      onFail: (error) => this.emit('fail', error),
      onWarning: (message) => this.emit('warning', message),
    };
    const onExtinct = (role: string): void => this.#giveUp(role);
    watchPools(this.#pools, this.#balancers, resolved, log, { ...watching, onExtinct });
    this.#forgetSignals = handleSignals(
      this.#logger,
      {
        close: () => this.drain(),
        killAll: () => this.#killAll(),
        reload: () => this.reload(),
        reloadTls: () => this.#tlsControl.reload(),
      },
      resolved.rebootOnSignal,
    );
    const inspector = new Inspector(this.#pools.workers, this.#logger);
    const controlOwner: ControlOwner = {
      status: () => this.status(),
      reload: () => this.reload(),
      stop: () => this.#endProcess(),
      drain: (overMs) => {
        // Start the drain first: the SIGTERM handler below then finds it in progress.
        void this.drain(overMs);
        this.#endProcess();
      },
      setLogLevel: (level) => this.setLogLevel(level),
      storeAccess: () => this.#pools.storeAccess,
      inspect: (request) => inspector.answer(request),
    };
    this.#control = new ControlServer(this.#directory.controlPath, controlOwner);
    this.#admin = createAdmin(resolved, this.#pools, controlOwner, log, watching);
    this.#watches = [watchFiles(resolved.protocolFiles, () => this.#tlsControl.reload()), warnOfZombies(this.#logger)];
    // Start in the next turn, so that the caller can add listeners first.
    this.#launched = Promise.resolve().then(() => this.#launch());
    this.#started = this.#launched.then(
      () => this.#onLaunched(),
      async (cause: unknown) => Promise.reject(await this.#failStart(cause)),
    );
    this.#started.catch(() => undefined);
  }

  /** Resolves when the cluster serves; rejects with `StartError` if it cannot. */
  whenReady(): Promise<void> {
    return this.#started;
  }

  /** The current state of the cluster and its processes. */
  status(): ClusterStatus {
    const { appName, protocol, sharedStores } = this.#options;
    return {
      appName,
      state: this.#state,
      protocol,
      port: this.#delivery.port,
      healthPort: this.#health?.port,
      ...(this.#admin !== undefined && { admin: this.#admin.status }),
      supervisor: { pid: process.pid, ...this.#public.status() },
      moves: this.#moves.counts,
      log: { level: this.#log.central.threshold, dropped: this.#log.dropped },
      ...describeProcesses(this.#pools, this.#balancers, this.#metrics.load, sharedStores),
    };
  }

  /**
   * Sends data, as JSON, to one worker, which emits `masterMessage`. Throws `InvalidActionError` if it does not exist.
   */
  sendToWorker(id: number, data: unknown): void {
    const member = this.#pools.workers.member(id);
    if (member === undefined) throw new InvalidActionError(`There is no worker ${id} now`);
    member.send({ type: 'master-message', data });
  }

  /** Sends data, as JSON, to one store, whose controller emits `masterMessage`. */
  sendToStore(id: number, data: unknown): void {
    const member = this.#pools.stores.member(id);
    if (member === undefined) throw new InvalidActionError(`There is no store ${id} now`);
    member.send({ type: 'master-message', data });
  }

  /** Changes the log level of all processes, until a restart. Throws `InvalidArgumentsError` for an unknown level. */
  setLogLevel(level: LogThreshold): void {
    this.#log.setLevel(level);
    this.#logger.info(`Log level changed to ${level}`);
  }

  /**
   * Replaces the workers one by one with fresh code: each new one accepts connections before the old one drains. If a
   * new one does not become ready, rejects with `StartError` and keeps the old workers.
   */
  async reload(): Promise<void> {
    if (this.#state !== 'running') throw new InvalidActionError(`A cluster that is ${this.#state} cannot be reloaded`);
    this.#logger.info('Reloading workers');
    try {
      await this.#pools.workers.reload();
      this.#metrics.reloads.ok += 1;
      this.#logger.info('Reload complete. The workers run fresh code');
    } catch (cause) {
      this.#metrics.reloads.failed += 1;
      const error = explainStartFailure(cause, this.#options.port);
      this.#logger.error(`The reload stopped; workers that were not replaced keep running: ${error.message}`);
      throw error;
    }
  }

  /**
   * Changes TLS options for new handshakes in all current and future processes; open connections stay. Options that are
   * not given, including `requestCert`, `ca` and `serverNames`, stay unchanged; one given as `undefined` is removed. A
   * key, certificate or pfx replaces all of these together. Throws `InvalidOptionsError`, and `InvalidActionError` if
   * the cluster does not use TLS.
   */
  setProtocolOptions(protocolOptions: ProtocolOptions): void {
    this.#tlsControl.change(protocolOptions);
  }

  /**
   * Stops accepting connections, disconnects the clients gradually over this time in milliseconds, so that they do not
   * all reconnect to other hosts at once, and closes the cluster. Resolves when all processes have exited. SIGTERM does
   * the same, over the option `drainTime`. Throws `InvalidArgumentsError` for an invalid time.
   */
  drain(overMs: number = this.#options.drainTime): Promise<void> {
    checkDrainTime(overMs);
    if (this.#draining !== undefined) return this.#draining;
    if (this.#state !== 'running' || overMs === 0) return this.close();
    return (this.#draining = this.#drain(overMs));
  }

  /** Stops accepting connections, lets every process finish, and stops them. Resolves when all have exited. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #launch(): Promise<void> {
    const steps = [
      async () => {
        await this.#control.tryListen(this.#logger);
        guardSockets(this.#directory, this.#control, this.#pools, this.#logger);
        processFolder(this.#options);
      },
      () => this.#health?.listen(),
      // The port first: if it is in use, no other process needs to start. Early connections wait for a worker.
      () => this.#delivery.listen(),
      () => this.#pools.stores.start(),
      () => this.#pools.workers.start(),
      () => this.#delivery.start(),
      () => this.#admin?.processes.start(),
      () => undefined,
    ];
    for (const step of steps) {
      if (this.#closing !== undefined) throw new StartError('The cluster was closed while it started');
      await step();
    }
  }

  #onLaunched(): void {
    const { workers, stores, balancers, hasRandomAuthKey, warnings } = this.#options;
    this.#state = 'running';
    const noKey =
      'No authKey was given: auth tokens are signed with a random key and become invalid when the cluster ends';
    for (const warning of hasRandomAuthKey ? [...warnings, noKey] : warnings) {
      this.#logger.warn(warning);
      this.emit('warning', warning);
    }
    this.#logger.info('The cluster is ready', { port: this.#delivery.port, workers, stores, balancers });
    void notifyServiceManager('ready', this.#logger);
    this.emit('ready');
  }

  /** Ends the process like SIGTERM, with the application's listeners. Once: a second signal cuts the drain short. */
  #endProcess(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    process.emit('SIGTERM', 'SIGTERM');
  }

  async #failStart(cause: unknown): Promise<StartError> {
    if (this.#closing !== undefined) {
      await this.close();
      return new StartError('The cluster was closed while it started');
    }
    const error = explainStartFailure(cause, this.#options.port);
    await this.close();
    this.#logger.error(error.message);
    process.exitCode = 1;
    this.emit('fail', error);
    return error;
  }

  async #drain(overMs: number): Promise<void> {
    this.#state = 'draining';
    this.#ignoreTermination();
    void notifyServiceManager('stopping', this.#logger);
    this.#logger.info('Draining clients', { overMs });
    await this.#delivery.stopListening();
    await drainWorkers(this.#pools.workers, overMs);
    await this.close();
  }

  async #close(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'closing';
    this.#ignoreTermination();
    if (wasRunning) void notifyServiceManager('stopping', this.#logger);
    const { workers, stores } = this.#pools;
    const endsAt = performance.now() + this.#options.processTermTimeout;
    this.#leadership.stop();
    this.#moves.close();
    await this.#delivery.stopListening();
    for (const member of workers.members) if (member.state === 'ready') tell(member, { type: 'closing' });
    const workersEnd = workers.stop();
    // Balancers and stores need not wait until the worker processes have exited.
    await workers.whenFinished();
    const leftMs = Math.max(leastCloseMs, Math.round(endsAt - performance.now()));
    await Promise.all([this.#admin?.processes.stop(), workersEnd, this.#delivery.close(leftMs), stores.stop()]);
    // A start step that was in progress may have opened the port in the meantime.
    await this.#launched.catch(() => undefined);
    await this.#delivery.stopListening();
    await this.#health?.close();
    this.#metrics.stop();
    this.#directory.remove();
    this.#forgetSignals();
    for (const stopWatching of this.#watches) stopWatching();
    this.#state = 'closed';
    this.#control.close();
    this.#logger.debug('The cluster is closed');
    await this.#log.flush();
  }

  #killAll(): void {
    for (const pool of [this.#pools.workers, this.#pools.stores, this.#balancers, this.#admin?.processes]) {
      for (const { id } of pool?.members ?? []) pool?.kill(id);
    }
    this.#control.close();
    this.#directory.remove();
  }

  /** Service managers also send SIGTERM to the children, which ignore it: this process stops them in order. */
  #ignoreTermination(): void {
    for (const pool of this.#allPools()) pool.ignoreTermination();
  }

  #allPools() {
    const { workers, stores } = this.#pools;
    return [workers, stores, this.#balancers, this.#admin?.processes].filter((pool) => pool !== undefined);
  }

  #watchWorkers(): void {
    const { workers } = this.#pools;
    workers.on('ready', (member) => {
      const { id, generation, pid = 0 } = member;
      this.#delivery.addWorker(member);
      this.#leadership.add(member);
      const respawn = generation > 0;
      if (respawn) this.#logger.info(`Worker ${id} restarted and runs again`, { workerPid: pid });
      this.emit('workerStart', { id, pid, respawn });
    });
    workers.on('draining', (member) => {
      this.#delivery.drainWorker(member);
      this.#leadership.withdraw(member);
    });
    workers.on('exit', (report, member) => {
      this.#delivery.removeWorker(member);
      this.#leadership.remove(member);
      const { id, pid = 0, code, signal } = report;
      this.emit('workerExit', { id, pid, code, signal, report });
    });
    workers.on('message', (member, message) => {
      if (message.type === 'hand-off') this.#delivery.handleWorkerMessage(member, message.message);
      else if (message.type === 'lead-set') this.#leadership.acknowledged(member, message.until);
      else if (message.type === 'worker-message') this.emit('workerMessage', member.id, message.data);
    });
  }

  /** No process of a kind is left or will be restarted: exit, so that a service manager restarts the cluster. */
  #giveUp(role: string): void {
    if (this.#state !== 'running') return;
    this.#logger.error(`The cluster exits: no ${role} is left`);
    process.exitCode = 1;
    void this.close().then(() => exitUnlessHandled()); // Allows a service manager to restart the cluster.
  }
}
