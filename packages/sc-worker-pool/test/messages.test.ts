import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseToMember, parseToPool } from '../src/messages.js';

const heartbeat = { lagMs: 0, rssBytes: 1, heapUsedBytes: 1, droppedWrites: 0, utilization: 0 };

describe('Messages between a pool and its members', () => {
  it('are told apart from what other code sends over the same channel', () => {
    const toPool = [
      { kind: 'ready' },
      { kind: 'draining' },
      { kind: 'terminated' },
      { kind: 'heartbeat', heartbeat },
      { kind: 'failure', error: { name: 'Error', message: 'x' } },
      { kind: 'message', body: 5 },
    ];
    const toMember = [
      { kind: 'init', init: 1, heartbeatIntervalMs: 5, output: { policy: 'drop', maxPendingBytes: 1 } },
      { kind: 'stop', deadlineMs: 5, cause: 'asked' },
      { kind: 'carryOn' },
      { kind: 'message', body: 5 },
    ];
    expect(toPool.map(parseToPool)).toEqual(toPool);
    expect(toMember.map(parseToMember)).toEqual(toMember);
    const foreign = [
      undefined,
      null,
      'ready',
      {},
      { kind: 'other' },
      { kind: 'heartbeat', heartbeat: { lagMs: '1' } },
      { kind: 'failure' },
    ];
    expect(foreign.map(parseToPool)).toEqual(foreign.map(() => undefined));
    expect(foreign.map(parseToMember)).toEqual(foreign.map(() => undefined));
  });

  it('are read or refused, never thrown at, whatever comes', () => {
    const kind = fc.constantFrom('init', 'stop', 'message', 'ready', 'draining', 'heartbeat', 'failure');
    const almost = fc.record({ kind, heartbeat: fc.anything(), error: fc.anything() });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost), (value) => {
        expect([undefined, value]).toContain(parseToMember(value));
        expect([undefined, value]).toContain(parseToPool(value));
      }),
    );
  });
});
