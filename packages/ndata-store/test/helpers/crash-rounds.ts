import { join } from 'node:path';
import { NdataClient, NdataClusterClient, shardOfName } from '../../src/index.js';
import { runStore } from './store-process.js';
import type { StoreProcess } from './store-process.js';
import { waitFor } from './wait-for.js';

export interface CrashReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Writes that were acknowledged and not there afterwards. */
  readonly lost: number;
  /** How long before the kill the oldest of those was acknowledged. */
  readonly oldestLostMs: number;
  /** Rounds in which a write was lost although a later one was not. */
  readonly roundsWithGaps: number;
  /** Answers of the other shards while the one was away; in the round with the fewest. */
  readonly fewestOtherAnswers: number;
  /** The longest time from the readiness line of a store until its subscriber was subscribed again. */
  readonly slowestReturnMs: number;
  /** The longest time that a call to another shard took. */
  readonly slowestOtherMs: number;
}

/** Answers of other shards to wait for while one is away. */
const wantedOtherAnswers = 20;

interface Acknowledgement {
  readonly number: number;
  /** Its place among all acknowledgements, which come in the order of the writes. */
  readonly place: number;
  readonly at: number;
}

interface Loss {
  readonly lost: readonly Acknowledgement[];
  readonly kept: readonly Acknowledgement[];
}

/** Writes one key again and again with a number that grows. */
class Writer {
  static #places = 0;
  readonly #key: string;
  acknowledged = 0;
  /** Those since the last kill. */
  acknowledgements: Acknowledgement[] = [];
  #isDone = false;
  #pause: Promise<void> | undefined;
  #endPause: () => void = () => undefined;
  readonly done: Promise<void>;

  constructor(client: NdataClient, key: string) {
    this.#key = key;
    this.done = this.#run(client);
  }

  stop(): void {
    this.#isDone = true;
  }

  /** Lets what is in flight end, and writes no more: what it wrote to a store that is back would hide what that lost. */
  pause(): void {
    this.#pause = new Promise((resolve) => (this.#endPause = resolve));
  }

  /** Goes on, and forgets what was acknowledged. */
  goOn(): void {
    this.acknowledgements = [];
    this.#pause = undefined;
    this.#endPause();
  }

  /** Compares with what the store has come back with. */
  async check(client: NdataClient, killedAt: number): Promise<Loss> {
    const found = ((await client.get(this.#key)) as number | undefined) ?? 0;
    const before = this.acknowledgements.filter(({ at }) => at <= killedAt);
    return {
      lost: before.filter(({ number }) => number > found),
      kept: before.filter(({ number }) => number <= found),
    };
  }

  async #run(client: NdataClient): Promise<void> {
    for (let number = 1; !this.#isDone; number++) {
      try {
        await client.set(this.#key, number);
        this.acknowledged++;
        this.acknowledgements.push({ number, place: Writer.#places++, at: performance.now() });
      } catch {
        // Its outcome is unknown; what counts is what was acknowledged.
      }
      await this.#pause;
    }
  }
}

/**
 * Kills one of three stores under load, again and again, and looks at what it comes back with, how soon its subscriber is
 * back, and whether the other stores answer all the while.
 */
export async function crashRounds(folder: string, fsync: string, rounds: number): Promise<CrashReport> {
  const running = new Set<StoreProcess>();
  const closers: (() => Promise<unknown>)[] = [];
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name, 's.sock'));
  const start = async (path: string): Promise<StoreProcess> => {
    const store = await runStore(['--socket', path, '--persist', `${path}.data`, '--fsync', fsync]);
    running.add(store);
    return store;
  };
  try {
    const [victim] = await Promise.all(paths.map(start));
    // A busy machine takes its time; no call must fail for that.
    const links = { reconnectDelayMs: 5, reconnectDelayMaxMs: 50, callTimeoutMs: 60_000 };
    const client = new NdataClient({ socketPath: paths[0]!, ...links });
    closers.push(() => client.close());
    const cluster = new NdataClusterClient({ shards: paths.map((socketPath) => ({ socketPath })), ...links });
    closers.push(() => cluster.close());
    return await killAgainAndAgain({ client, cluster, rounds, start: () => start(paths[0]!), victim: victim! });
  } finally {
    await Promise.all(closers.map((close) => close()));
    for (const each of running) each.child.kill('SIGKILL');
    await Promise.all([...running].map((each) => each.exited));
  }
}

interface Scene {
  readonly client: NdataClient;
  readonly cluster: NdataClusterClient;
  readonly rounds: number;
  readonly victim: StoreProcess;
  readonly start: () => Promise<StoreProcess>;
}

async function killAgainAndAgain({ client, cluster, rounds, start, ...first }: Scene): Promise<CrashReport> {
  let { victim } = first;
  const channels = Array.from({ length: 12 }, (_, i) => `channel ${i}`);
  await Promise.all(channels.map((channel) => cluster.subscribe(channel)));
  const writers = Array.from({ length: 20 }, (_, i) => new Writer(client, `key ${i}`));
  const others = probeOthers(cluster);
  const lost: Acknowledgement[] = [];
  const killed: number[] = [];
  let roundsWithGaps = 0;
  let slowestReturnMs = 0;
  let fewestOtherAnswers = Infinity;
  for (let round = 0; round < rounds; round++) {
    // Each round at another moment of the load.
    const goals = writers.map((writer) => writer.acknowledged + 5 + (round % 7) * 3);
    await waitFor('writes', () => writers.every((writer, i) => writer.acknowledged >= goals[i]!), 60_000);
    const answersBefore = others.answers();
    for (const writer of writers) writer.pause();
    victim.child.kill('SIGKILL');
    const killedAt = performance.now();
    await victim.exited;
    await waitFor('the loss', () => [cluster, client].every((each) => each.status()[0]!.state !== 'ready'), 60_000);
    await waitFor('the others', () => others.answers() - answersBefore >= wantedOtherAnswers, 60_000);
    fewestOtherAnswers = Math.min(fewestOtherAnswers, others.answers() - answersBefore);
    victim = await start();
    const backAt = performance.now();
    await waitFor('the subscriptions', () => channels.every((channel) => cluster.isSubscribed(channel)), 60_000);
    slowestReturnMs = Math.max(slowestReturnMs, performance.now() - backAt);
    const losses = await Promise.all(writers.map((writer) => writer.check(client, killedAt)));
    const lostNow = losses.flatMap((loss) => loss.lost);
    const firstLost = Math.min(...lostNow.map(({ place }) => place));
    if (losses.some(({ kept }) => kept.some(({ place }) => place > firstLost))) roundsWithGaps++;
    lost.push(...lostNow);
    killed.push(...lostNow.map(({ at }) => killedAt - at));
    for (const writer of writers) writer.goOn();
  }
  for (const writer of writers) writer.stop();
  await Promise.all(writers.map((writer) => writer.done));
  return {
    rounds,
    acknowledged: writers.reduce((sum, writer) => sum + writer.acknowledged, 0),
    lost: lost.length,
    oldestLostMs: Math.max(0, ...killed),
    roundsWithGaps,
    fewestOtherAnswers,
    slowestReturnMs,
    slowestOtherMs: await others.stop(),
  };
}

interface Others {
  /** How many calls they have answered. */
  answers(): number;
  /** Resolves with the longest time a call took; rejects if one failed. */
  stop(): Promise<number>;
}

/** Calls the other shards all the time. */
function probeOthers(cluster: NdataClusterClient): Others {
  const shards = cluster.status().length;
  let isDone = false as boolean;
  let slowestMs = 0;
  let answers = 0;
  const keys = Array.from({ length: 100 }, (_, i) => `probe ${i}`).filter((key) => shardOfName(key, shards) > 0);
  const run = (async () => {
    for (let i = 0; !isDone; i++) {
      const begunAt = performance.now();
      await cluster.set(keys[i % keys.length]!, i);
      slowestMs = Math.max(slowestMs, performance.now() - begunAt);
      answers++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  // Told by `stop`; without it the wait for answers fails.
  run.catch(() => undefined);
  return {
    answers: () => answers,
    stop: async () => {
      isDone = true;
      await run;
      return slowestMs;
    },
  };
}
