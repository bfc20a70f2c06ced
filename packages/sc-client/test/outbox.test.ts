import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Call } from '../src/call.js';
import { nodePlatform } from '../src/node/platform.js';
import { Outbox, type Outgoing } from '../src/outbox.js';

const event = (name: string): Outgoing => ({ message: name });

let lastCallId = 0;
const core = { platform: nodePlatform, codec: { encode: String, decode: String }, nextCallId: () => ++lastCallId };
/** A call whose message is its name. */
const callOf = (name: string, settled: () => void = () => {}): Call =>
  new Call({ label: name, frame: () => [name] }, core, settled);

/** Takes out the oldest, as a connection does that is lost right behind it. */
function shift(outbox: Outbox): unknown {
  let taken: unknown;
  outbox.drain(({ message }) => {
    if (taken !== undefined) return false;
    taken = message;
    return true;
  });
  return taken;
}
const limits = { outboxLimit: 3, outboxTimeout: 100, outboxPolicy: 'refuse' } as const;

describe('the outbox', () => {
  it('drops events that waited too long, and leaves calls to their own deadline', () => {
    let now = 0;
    const outbox = new Outbox(limits, () => now);
    outbox.add(event('old'));
    outbox.add(callOf('call'));
    now = 50;
    outbox.add(event('new'));
    now = 100;
    expect([shift(outbox), shift(outbox), shift(outbox)]).toStrictEqual(['call', 'new', undefined]);
  });

  it('makes room by dropping what is too old before it refuses', () => {
    let now = 0;
    const outbox = new Outbox(limits, () => now);
    for (const name of ['a', 'b', 'c']) outbox.add(event(name));
    expect(() => outbox.add(event('d'))).toThrow('The outbox is full (3)');
    now = 100;
    outbox.add(event('e'));
    expect([shift(outbox), shift(outbox)]).toStrictEqual(['e', undefined]);
  });

  it('of no size at all refuses under either policy', () => {
    for (const outboxPolicy of ['refuse', 'dropOldest'] as const) {
      const outbox = new Outbox({ ...limits, outboxLimit: 0, outboxPolicy }, () => 0);
      expect(() => outbox.add(event('a'))).toThrow('The outbox is full (0)');
      expect(shift(outbox)).toBeUndefined();
    }
  });

  it('keeps the order, whatever leaves early, under both policies', () => {
    const steps = fc.array(fc.constantFrom('event', 'call', 'end a call', 'shift'), { maxLength: 40 });
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom('refuse', 'dropOldest'),
        fc.integer({ min: 1, max: 6 }),
        (all, policy, cap) => {
          const outbox = new Outbox({ outboxLimit: cap, outboxTimeout: 100, outboxPolicy: policy }, () => 0);
          const calls: Call[] = [];
          let ends = 0;
          let model: { name: string; call?: Call }[] = [];
          for (const [index, step] of all.entries()) {
            const name = String(index);
            if (step === 'shift') expect(shift(outbox)).toBe(model.shift()?.name);
            else if (step === 'end a call') {
              const call = calls.shift();
              call?.end(null, 1);
              model = model.filter((one) => call === undefined || one.call !== call);
            } else {
              const call = step === 'call' ? callOf(name, () => ends++) : undefined;
              const isFull = model.length >= cap;
              if (isFull && policy === 'refuse') {
                if (call === undefined) expect(() => outbox.add(event(name))).toThrow('full');
                else {
                  const before = ends;
                  outbox.add(call);
                  expect([call.isEnded, ends]).toStrictEqual([true, before + 1]);
                }
              } else {
                if (isFull) model.shift();
                outbox.add(call ?? event(name));
                model.push(call === undefined ? { name } : { name, call });
                if (call !== undefined) calls.push(call);
              }
            }
          }
          outbox.clear(() => new Error('over'));
          for (const call of calls) call.end(null, 2);
          expect(shift(outbox)).toBeUndefined();
          expect(ends).toBeLessThanOrEqual(all.filter((step) => step === 'call').length);
        },
      ),
    );
  });
});
