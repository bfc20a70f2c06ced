import { randomOf } from 'sc-testkit';
import { nextTurn } from './globals.mjs';

/** A process of the simulated cluster: what it started ends with it. */
export class SimulatedProcess {
  isAlive = true;
  /** Tasks wait until then, as those of a process that was stopped by a signal. */
  pausedUntil = 0;
  /** How far its wall clock is off, in milliseconds. */
  clockMs = 0;
  /** When its last `setImmediate` runs: they run in order. */
  immediateAt = 0;
  /** Called when it is killed. */
  onKill = [];

  constructor(name) {
    this.name = name;
  }
}

/**
 * Virtual time for all simulated processes, in one thread. One task runs at a time, and all microtasks and ticks that it
 * causes run before the next one: they belong to the task's process.
 */
export class Scheduler {
  now = 0;
  tasks = 0;
  random;
  failures = [];
  #heap = [];
  #order = 0;

  constructor(seed) {
    this.random = randomOf(seed);
    this.kernel = new SimulatedProcess('kernel');
    this.current = this.kernel;
  }

  between(from, to) {
    return from + this.random() * (to - from);
  }

  integer(from, to) {
    return Math.floor(this.between(from, to + 1));
  }

  pick(items) {
    return items[Math.floor(this.random() * items.length)];
  }

  /** Runs something in a process after a delay. Returns the task; `isCancelled` calls it off. */
  schedule(delayMs, run, owner = this.current) {
    return this.scheduleAt(this.now + Math.max(0, delayMs), run, owner);
  }

  /** Runs something at a time that was calculated before: adding a difference to the present time may miss it by a rounding. */
  scheduleAt(at, run, owner = this.current) {
    const task = { at, order: ++this.#order, run, owner, isCancelled: false };
    this.#push(task);
    return task;
  }

  /** A process that is killed runs nothing any more: its timers, its input and its promises are gone. */
  kill(process) {
    process.isAlive = false;
    for (const run of process.onKill.splice(0)) run();
  }

  pause(process, ms) {
    process.pausedUntil = Math.max(process.pausedUntil, this.now + ms);
  }

  /** Lets so many milliseconds pass. Throws what a task threw. */
  async pass(ms) {
    const end = this.now + ms;
    for (let task = this.#heap[0]; task !== undefined && task.at <= end; task = this.#heap[0]) {
      this.#pop();
      const { owner } = task;
      if (task.isCancelled || !owner.isAlive) continue;
      if (owner.pausedUntil > task.at) {
        task.at = owner.pausedUntil;
        this.#push(task);
        continue;
      }
      this.now = Math.max(this.now, task.at);
      this.current = owner;
      this.tasks++;
      try {
        task.run();
      } catch (error) {
        this.failures.push(error);
      }
      // Consequences of the task run before the next task.
      await nextTurn();
      if (this.failures.length > 0) throw this.failures[0];
    }
    this.current = this.kernel;
    this.now = end;
  }

  #push(task) {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(task, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = task;
  }

  #pop() {
    const heap = this.#heap;
    const last = heap.pop();
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
