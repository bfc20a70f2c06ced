import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Leadership, leaseMs, renewMs } from '../../src/cluster/leadership.js';

interface Worker {
  readonly id: number;
  readonly generation: number;
  until: number;
  /** Messages that it has not read yet. */
  readonly inbox: number[];
}

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

function start() {
  let time = 0;
  const leadership: Leadership<Worker> = new Leadership<Worker>({
    now: () => time,
    startMs: 30_000,
    send: (worker, until) => worker.inbox.push(until),
  });
  stops.push(() => leadership.stop());
  const worker = (id: number, generation = 0): Worker => ({ id, generation, until: 0, inbox: [] });
  const read = (one: Worker) => {
    for (const until of one.inbox.splice(0)) {
      one.until = until;
      leadership.acknowledged(one, until);
    }
  };
  return {
    leadership,
    worker,
    read,
    leads: (one: Worker) => time < one.until,
    pass: (ms: number, reading: readonly Worker[] = []) => {
      for (let left = ms; left > 0; left -= renewMs) {
        time += Math.min(left, renewMs);
        leadership.tick();
        reading.forEach(read);
      }
    },
  };
}

describe('The leader of a cluster', () => {
  it('is the first worker, from its start, and goes on to be it while it answers', () => {
    const { leadership, worker, leads, pass } = start();
    const [a, b] = [worker(0), worker(1)];
    a.until = leadership.starting(a);
    b.until = leadership.starting(b);
    leadership.add(b);
    leadership.add(a);
    for (let i = 0; i < 100; i++) {
      pass(1_000, [a, b]);
      expect([leads(a), leads(b)]).toEqual([true, false]);
    }
  });

  it('moves once in a reload, after the old one has given it back', () => {
    const { leadership, worker, leads, read, pass } = start();
    const [a, b, fresh] = [worker(0), worker(1), worker(0, 1)];
    a.until = leadership.starting(a);
    for (const one of [a, b]) leadership.add(one);
    pass(1_000, [a, b]);
    expect(leadership.starting(fresh)).toBe(0);
    leadership.add(fresh);
    leadership.withdraw(a);
    for (const one of [b, fresh]) read(one);
    expect([a, b, fresh].map(leads)).toEqual([true, false, false]);
    read(a);
    for (const one of [b, fresh]) read(one);
    expect([a, b, fresh].map(leads)).toEqual([false, false, true]);
  });

  it('is another one at once when it crashes, and after its lease when it stands still', () => {
    const { leadership, worker, leads, read, pass } = start();
    const [a, b, c] = [worker(0), worker(1), worker(2)];
    a.until = leadership.starting(a);
    for (const one of [a, b, c]) leadership.add(one);
    pass(1_000, [a, b, c]);
    leadership.remove(a);
    read(b);
    expect([leads(b), leads(c)]).toEqual([true, false]);
    // b reads nothing any more.
    pass(leaseMs + 2 * renewMs, [c]);
    expect([leads(b), leads(c)]).toEqual([false, true]);
    // The data that it reads after it resumes is outdated.
    read(b);
    expect([leads(b), leads(c)]).toEqual([false, true]);
  });

  it('is there again when the only worker wakes up', () => {
    const { leadership, worker, leads, read, pass } = start();
    const a = worker(0);
    a.until = leadership.starting(a);
    leadership.add(a);
    pass(60_000);
    expect(leads(a)).toBe(false);
    read(a);
    read(a);
    expect(leads(a)).toBe(true);
  });

  it('is never two, whatever happens', () => {
    const step = fc.record({
      kind: fc.constantFrom('read', 'tick', 'reload', 'crash', 'add', 'tick'),
      id: fc.nat(2),
      ms: fc.nat(4_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { leadership, worker, leads, read, pass } = start();
        const processes: Worker[] = [];
        const generations = [0, 0, 0];
        const launch = (id: number) => {
          const one = worker(id, generations[id]!++);
          one.until = leadership.starting(one);
          processes.push(one);
          return one;
        };
        for (const { kind, id, ms } of steps) {
          const mine = processes.filter((one) => one.id === id);
          if (kind === 'read') mine.forEach(read);
          else if (kind === 'tick') pass(ms);
          else if (kind === 'add') leadership.add(launch(id));
          else if (kind === 'reload') {
            leadership.add(launch(id));
            mine.forEach((one) => leadership.withdraw(one));
          } else {
            for (const one of mine) {
              processes.splice(processes.indexOf(one), 1);
              leadership.remove(one);
            }
          }
          expect(processes.filter(leads).length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
