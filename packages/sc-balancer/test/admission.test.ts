import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressGroup } from '../src/admission/address-group.js';
import { createAdmission } from '../src/admission/admission.js';
import { servedBy, startBalancer, startHttpTarget, target } from './proxy-support.js';
import { get, until } from './support.js';

describe('Admission by address', () => {
  it('lets so many connections of one address be open at once', () => {
    const admission = createAdmission({ maxPerAddress: 2, perSecond: 0, now: () => 0 });
    expect(['a', 'a', 'a', 'b'].map((address) => admission.enter(address))).toEqual([true, true, false, true]);
    admission.leave('a');
    expect([admission.enter('a'), admission.enter('a')]).toEqual([true, false]);
  });

  it('lets so many new connections come in a second, twice as many at once', () => {
    let now = 0;
    const admission = createAdmission({ maxPerAddress: 0, perSecond: 5, now: () => now });
    const tries = (count: number): number =>
      Array.from({ length: count }, () => admission.enter('a')).filter((entered) => entered).length;
    expect(tries(20)).toBe(10);
    now += 1_000;
    expect(tries(20)).toBe(5);
    now += 60_000;
    expect(tries(20)).toBe(10);
  });

  it('does not forget how often an address came when its connections are gone', () => {
    let now = 0;
    const admission = createAdmission({ maxPerAddress: 0, perSecond: 1, now: () => now });
    for (let i = 0; i < 2; i++) {
      expect(admission.enter('a')).toBe(true);
      admission.leave('a');
    }
    expect(admission.enter('a')).toBe(false);
    now += 1_000;
    expect(admission.enter('a')).toBe(true);
  });

  it('remembers only so many addresses', () => {
    const admission = createAdmission({ maxPerAddress: 1, perSecond: 1, now: () => 0 });
    for (let i = 0; i < 12_000; i++) {
      const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      expect(admission.enter(address)).toBe(true);
      admission.leave(address);
    }
    expect(admission.size).toBe(10_000);
  });

  it('costs the same for each of many addresses that leave together', () => {
    // Quadratic work in 200,000 addresses would take minutes.
    const addresses = Array.from({ length: 200_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const admission = createAdmission({ maxPerAddress: 5, perSecond: 1, now: () => 0 });
    for (const address of addresses) admission.enter(address);
    expect(admission.size).toBe(200_000);
    for (const address of addresses) admission.leave(address);
    expect(admission.size).toBe(10_000);
  });

  it('forgets those that left first', () => {
    const admission = createAdmission({ maxPerAddress: 0, perSecond: 1, now: () => 0 });
    const come = (address: string) => {
      const isIn = admission.enter(address);
      if (isIn) admission.leave(address);
      return isIn;
    };
    expect([come('a'), come('a'), come('a')]).toEqual([true, true, false]);
    for (let i = 0; i < 9_999; i++) come(String(i));
    expect(come('a')).toBe(false);
    for (let i = 0; i < 9_999; i++) come(`later ${i}`);
    expect(come('a')).toBe(false);
  });

  it('never counts more open connections than came in, whatever the order', () => {
    const step = fc.record({ address: fc.constantFrom('a', 'b', 'c'), enters: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const admission = createAdmission({ maxPerAddress: 3, perSecond: 0, now: () => 0 });
        const open: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (const { address, enters } of steps) {
          const count = open[address]!;
          if (enters) expect(admission.enter(address)).toBe(count < 3);
          else if (count > 0) admission.leave(address);
          open[address] = enters ? Math.min(3, count + 1) : Math.max(0, count - 1);
        }
        expect(admission.size).toBe(Object.values(open).filter((count) => count > 0).length);
      }),
    );
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '20010db800010002/64'],
    ['2001:db8:1:2::9', '20010db800010002/64'],
    ['', ''],
  ])('counts %s as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('closes connections over the limit before anything else and says why', async () => {
    const problems: Error[] = [];
    const a = await startHttpTarget('a');
    const { port, balancer } = await startBalancer({
      targets: [target(a)],
      maxConnectionsPerAddress: 1,
      onWarning: (error) => problems.push(error),
    });
    const first = connect(port, '127.0.0.1');
    await until(() => a.open.size === 1, 'the first one is in');
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([{ name: 'ResourceLimitError', message: 'Too many connections from 127.0.0.1' }]);
    expect(balancer.status()).toMatchObject({ dropped: 1, connections: 1 });
    first.destroy();
    await until(() => balancer.status().connections === 0, 'the first one is gone');
    expect(await servedBy(port)).toBe('a');
  });
});
