// Replaces the clocks, timers and sources of randomness of this program by those of the simulation that runs. Imported
// before the code under test.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** Where the wall clock of a simulation begins. */
const beginning = 1_700_000_000_000;

const real = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  now: Date.now,
  elapsed: performance.now.bind(performance),
  random: Math.random,
  randomBytes: crypto.randomBytes,
  randomFillSync: crypto.randomFillSync,
  randomUUID: crypto.randomUUID,
};

let active;

/** The simulation that runs; `undefined` between two of them. */
export function activeScheduler() {
  return active;
}

/** Resolves in the next turn of the program's own event loop, when all microtasks and ticks have run. */
export function nextTurn() {
  return new Promise((resolve) => void real.setImmediate(resolve));
}

/** Makes a simulation the one that runs. */
export function use(scheduler) {
  active = scheduler;
}

/** A timer as `setTimeout` of Node returns it. */
class SimulatedTimer {
  constructor(delayMs, run, isRepeated) {
    // As in Node, where anything below one millisecond takes one.
    this.delayMs = delayMs >= 1 ? delayMs : 1;
    this.run = run;
    this.isRepeated = isRepeated;
    this.refresh();
  }

  refresh() {
    this.cancel();
    const { owner = active.current } = this;
    this.owner = owner;
    this.task = active.schedule(this.delayMs, () => this.fire(), owner);
    return this;
  }

  fire() {
    if (this.isRepeated) this.refresh();
    this.run();
  }

  cancel() {
    if (this.task !== undefined) this.task.isCancelled = true;
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  hasRef() {
    return true;
  }

  [Symbol.dispose ?? Symbol('dispose')]() {
    this.cancel();
  }
}

function start(run, delayMs, args, isRepeated) {
  return new SimulatedTimer(Number(delayMs), () => run(...args), isRepeated);
}

function stop(timer, realStop) {
  if (timer instanceof SimulatedTimer) timer.cancel();
  else realStop(timer);
}

globalThis.setTimeout = (run, delayMs, ...args) =>
  active === undefined ? real.setTimeout(run, delayMs, ...args) : start(run, delayMs, args, false);
globalThis.setInterval = (run, delayMs, ...args) =>
  active === undefined ? real.setInterval(run, delayMs, ...args) : start(run, delayMs, args, true);
globalThis.clearTimeout = (timer) => stop(timer, real.clearTimeout);
globalThis.clearInterval = (timer) => stop(timer, real.clearInterval);
globalThis.setImmediate = (run, ...args) => {
  if (active === undefined) return real.setImmediate(run, ...args);
  const { current, now } = active;
  // The turn of a process takes some time, and its immediates keep their order.
  current.immediateAt = Math.max(current.immediateAt, now + active.random() * 0.1);
  return { task: active.schedule(current.immediateAt - now, () => run(...args)) };
};
globalThis.clearImmediate = (immediate) => {
  if (immediate?.task === undefined) real.clearImmediate(immediate);
  else immediate.task.isCancelled = true;
};
Date.now = () => (active === undefined ? real.now() : Math.floor(beginning + active.now + active.current.clockMs));
performance.now = () => (active === undefined ? real.elapsed() : active.now);
Math.random = () => (active === undefined ? real.random() : active.random());

function fill(bytes) {
  for (let i = 0; i < bytes.length; i++) bytes[i] = active.random() * 256;
  return bytes;
}

crypto.randomBytes = (size, done) =>
  active === undefined || done !== undefined ? real.randomBytes(size, done) : fill(Buffer.alloc(size));
crypto.randomFillSync = (bytes, ...range) =>
  active === undefined || range.length > 0 ? real.randomFillSync(bytes, ...range) : fill(bytes);
crypto.randomUUID = (options) =>
  active === undefined ? real.randomUUID(options) : fill(Buffer.alloc(16)).toString('hex');
const webRandom = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
globalThis.crypto.getRandomValues = (bytes) => (active === undefined ? webRandom(bytes) : fill(bytes));
syncBuiltinESMExports();
