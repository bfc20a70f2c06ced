// One run: a cluster that is hurt, and the verdict of the checker.
import { mkdtempSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryRecorder, checkHistory } from 'sc-protocol/history';
import { use } from './globals.mjs';
import { SimulatedCluster } from './cluster.mjs';
import { useNetwork } from './network.mjs';
import { Scheduler } from './scheduler.mjs';

const channelNames = ['room/1', 'room/2', 'short/1'];
const memory = '/dev/shm';
/** Milliseconds after the last fault in which everything has to be in order again. */
const settleMs = 14_000;

function settingsOf(scheduler, fault) {
  const { random } = scheduler;
  const fsync = scheduler.pick([undefined, 'written', 'everySecond', 'synced']);
  const losesPower = fsync === 'everySecond' && random() < 0.7;
  return {
    stores: 2,
    workers: 2,
    clients: 3,
    fsync,
    compactBytes: random() < 0.3 ? 2000 : 1_000_000,
    channels: {
      'room/{id}': { history: { size: 5000, ageMs: 600_000 } },
      // Streams that keep everything show at the end which publications a power failure took.
      'short/{id}': {
        history: losesPower
          ? { size: 5000, ageMs: 600_000 }
          : { size: scheduler.integer(1, 12), ageMs: scheduler.pick([300, 600_000]) },
      },
    },
    recoverLimit: random() < 0.2 ? 5 : 1000,
    maxPendingBytes: 65_536,
    ackTimeout: scheduler.pick([1500, 6000]),
    hasPublishOut: random() < 0.3,
    hasSubscribeLine: random() < 0.3,
    payloadBytes: scheduler.pick([0, 0, 0, 0, 200, 200, 4000]),
    steps: scheduler.integer(20, 45),
    losesPower,
    fault,
  };
}

/** Runs one seed. Returns the report of the checker, the settings and a log of what was done. */
export async function runSeed(seed, { fault, isVerbose = false } = {}) {
  const scheduler = new Scheduler(seed);
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'sc-simulation-'));
  const settings = settingsOf(scheduler, fault);
  const done = [];
  const log = (who, what) => {
    if (isVerbose) done.push(`${scheduler.now.toFixed(1)} ms ${who} ${what}`);
  };
  const recorder = new HistoryRecorder(() => scheduler.now);
  const rejected = (error) => scheduler.failures.push(error);
  process.on('unhandledRejection', rejected).on('uncaughtException', rejected);
  use(scheduler);
  try {
    const cluster = new SimulatedCluster(scheduler, settings, folder, log);
    const scenario = new Scenario(cluster, recorder, log);
    cluster.start();
    await scenario.play();
    const report = checkHistory(recorder.log);
    const faults = report.faults.filter((one) => !scenario.isExcused(one));
    faults.push(...scenario.problems);
    return { seed, settings, report: { ...report, faults }, tasks: scheduler.tasks, done, log: recorder.log };
  } catch (error) {
    throw new Error(`Seed ${seed} at ${scheduler.now} ms: ${error?.stack ?? error}`, { cause: error });
  } finally {
    use(undefined);
    useNetwork(undefined);
    process.off('unhandledRejection', rejected).off('uncaughtException', rejected);
    rmSync(folder, { recursive: true, force: true });
  }
}

class Scenario {
  problems = [];
  #cluster;
  #scheduler;
  #recorder;
  #log;
  #pending = 0;
  #count = 0;
  /** Publications that the streams hold at the end. */
  #kept = new Set();

  constructor(cluster, recorder, log) {
    this.#cluster = cluster;
    this.#scheduler = cluster.scheduler;
    this.#recorder = recorder;
    this.#log = log;
  }

  async play() {
    const { clients, settings } = this.#cluster;
    const scheduler = this.#scheduler;
    for (let index = 0; index < settings.clients; index++) clients[index] ??= undefined;
    await scheduler.pass(0);
    for (const client of clients) client.started = () => this.#join(client);
    await scheduler.pass(500);
    for (let step = 0; step < settings.steps; step++) {
      this.#step();
      await scheduler.pass(scheduler.random() < 0.05 ? scheduler.between(500, 4000) : scheduler.between(0, 60));
    }
    await scheduler.pass(settleMs);
    // A client that misses the end of a stream notices it by what comes next.
    for (let round = 0; round < 2; round++) {
      for (const client of clients) for (const channel of client.channels) this.#publish(client, channel);
      await scheduler.pass(3000);
    }
    await this.#readStreams();
    this.#checkSettled();
  }

  /** Whether a fault is one of what was lost when the power failed, which nobody can know who had not seen it. */
  isExcused({ kind, piece }) {
    if (!this.#cluster.settings.losesPower || this.#cluster.lostBytes === 0) return false;
    if (kind !== 'lost' && kind !== 'unsignalled') return false;
    const attempt = piece.find(({ type }) => type === 'attempt');
    return attempt !== undefined && !this.#kept.has(attempt.id);
  }

  #join(client) {
    for (const name of channelNames) {
      if (this.#scheduler.random() < 0.2 && client.name !== 'client0') continue;
      const channel = client.socket.channel(name);
      client.channels.push(channel);
      this.#recorder.watch(client.name, channel);
      channel.subscribe();
    }
  }

  #step() {
    const scheduler = this.#scheduler;
    const { stores, workers, settings } = this.#cluster;
    const dice = scheduler.random();
    const client = scheduler.pick(this.#cluster.clients);
    const store = scheduler.integer(0, stores.length - 1);
    const worker = scheduler.integer(0, workers.length - 1);
    const connection = scheduler.pick(this.#cluster.network.connections('client', 'worker'));
    const link = scheduler.pick(this.#cluster.network.connections('worker', 'store'));
    const act = (what, run) => {
      this.#log('the scenario', what);
      run();
    };
    if (dice < 0.5) this.#burst(client);
    else if (dice < 0.62) act(`cuts ${connection?.client.owner.name}`, () => connection?.cut(false));
    else if (dice < 0.65) act(`cuts ${connection?.client.owner.name} in silence`, () => connection?.cut(true));
    else if (dice < 0.71)
      act(`cuts ${link?.client.owner.name} from ${link?.server.owner.name}`, () => link?.cut(false));
    else if (dice < 0.72)
      act(`cuts ${link?.client.owner.name} from ${link?.server.owner.name} in silence`, () => link?.cut(true));
    else if (dice < 0.76)
      act(`pauses ${client.name}`, () => scheduler.pause(client.process, scheduler.between(100, 9000)));
    else if (dice < 0.78)
      act(`pauses worker${worker}`, () => scheduler.pause(workers[worker].process, scheduler.between(100, 6000)));
    else if (dice < 0.8)
      act(`pauses store${store}`, () => scheduler.pause(stores[store].process, scheduler.between(100, 6000)));
    else if (dice < 0.84) act(`kills worker${worker}`, () => this.#cluster.killWorker(worker));
    else if (dice < 0.87) act(`reloads worker${worker}`, () => this.#cluster.reloadWorker(worker));
    else if (dice < 0.91)
      act(`kills store${store}`, () => this.#cluster.killStore(store, settings.losesPower && scheduler.random() < 0.7));
    else if (dice < 0.93) act(`restarts store${store}`, () => this.#cluster.closeStore(store));
    else if (dice < 0.95)
      act('sets a clock', () => {
        const { process } = scheduler.pick([...stores, ...workers, client]);
        process.clockMs += scheduler.between(-3_600_000, 3_600_000);
      });
    else act(`${client.name} leaves or joins`, () => this.#toggle(client));
  }

  /** The client gives a channel up, or subscribes to one that it had given up. */
  #toggle(client) {
    if (client.channels.length === 0) return;
    const channel = this.#scheduler.pick(client.channels);
    this.#scheduler.schedule(
      0,
      () => {
        if (channel.state === 'unsubscribed') channel.subscribe();
        else {
          this.#recorder.left(client.name, channel.name);
          channel.unsubscribe();
        }
      },
      client.process,
    );
  }

  #burst(client) {
    if (client.channels.length === 0) return;
    const channel = this.#scheduler.pick(client.channels);
    const count = this.#scheduler.random() < 0.1 ? 20 : this.#scheduler.integer(1, 3);
    for (let i = 0; i < count; i++) this.#publish(client, channel);
  }

  #publish(client, channel) {
    const filler = 'x'.repeat(this.#cluster.settings.payloadBytes);
    this.#pending++;
    this.#count++;
    const publish = () => {
      void this.#recorder.publish(client.name, channel, { filler }).then(() => this.#pending--);
    };
    this.#scheduler.schedule(0, publish, client.process);
  }

  async #readStreams() {
    const { process, scServer } = this.#cluster.workers[0];
    for (const channel of channelNames) {
      const read = async () => {
        const { publications } = await scServer.exchange.history(channel, { limit: 5000 });
        for (const { data } of publications) this.#kept.add(data.id);
      };
      this.#scheduler.schedule(0, () => void read(), process);
    }
    await this.#scheduler.pass(500);
  }

  #checkSettled() {
    const add = (client, text) => this.problems.push({ kind: 'unsettled', client, channel: '', text, piece: [] });
    if (this.#pending > 0) add('all', `${this.#pending} of ${this.#count} publishes have not settled`);
    for (const { name, channels, socket } of this.#cluster.clients) {
      if (socket.state !== 'open') add(name, `The socket is ${socket.state}`);
      for (const channel of channels) {
        if (channel.state === 'pending') add(name, `The subscription to ${channel.name} is pending`);
      }
    }
  }
}
