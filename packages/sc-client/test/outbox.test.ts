import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Call } from '../src/call.js';
import { nodePlatform } from '../src/node/platform.js';
import { Outbox, type Outgoing } from '../src/outbox.js';

const event = (name: string): Outgoing => ({ message: name });

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
    outbox.add({ ...event('call'), call: new Call({ label: 'x', timeoutMs: undefined }, nodePlatform, () => {}) });
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
              const settings = { label: name, timeoutMs: undefined };
              const call = step === 'call' ? new Call(settings, nodePlatform, () => ends++) : undefined;
              const entry = call === undefined ? { name } : { name, call };
              const isFull = model.length >= cap;
              if (isFull && policy === 'refuse') {
                expect(() => outbox.add({ ...event(name), ...entry })).toThrow('full');
              } else {
                if (isFull) model.shift();
                outbox.add({ ...event(name), ...entry });
                model.push(entry);
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
