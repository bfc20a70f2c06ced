import { describe, expect, it } from '@jest/globals';
import { describeStatus } from '../src/shared/describe-status.js';

const process = { pid: 1, state: 'ready', uptimeMs: 60_000, silentMs: 300, restarts: 0 } as const;

describe('the status of a cluster, for people', () => {
  it('has what comes in at every process, and what a worker sends', () => {
    const text = describeStatus({
      appName: 'chat',
      state: 'running',
      protocol: 'http',
      port: 8000,
      healthPort: undefined,
      supervisor: { pid: 1 },
      log: { level: 'info', dropped: 0 },
      balancers: [{ ...process, id: 0, connectionsPerSecond: 71 }],
      workers: [
        {
          ...process,
          id: 0,
          clients: 5,
          overloaded: false,
          storesAway: 0,
          framesInPerSecond: 72,
          framesOutPerSecond: 73,
        },
      ],
      stores: [{ ...process, id: 0, commandsPerSecond: 74 }],
    });
    expect(text).toMatch(/^balancer 0 .* 71 *$/m);
    expect(text).toMatch(/^worker 0 .* 5 +72 +73 *$/m);
    expect(text).toMatch(/^store 0 .* 74 *$/m);
  });
});
