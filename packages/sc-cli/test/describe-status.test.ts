import { describe, expect, it } from '@jest/globals';
import { describeStatus } from '../src/shared/describe-status.js';

type Status = Parameters<typeof describeStatus>[0];

const process = { pid: 1, state: 'ready', uptimeMs: 60_000, silentMs: 300, restarts: 0 } as const;

const noRefusals = { connectsPerSecondPerAddress: 0, maxWaiting: 0, maxConnections: 0, targetConnections: 0 };

/** A cluster without processes and without losses, but for these parts. */
const statusWith = (parts: Partial<Status>): Status => ({
  moves: { moved: 0, closed: 0 },
  sharedStores: [],
  appName: 'chat',
  state: 'running',
  protocol: 'http',
  port: 8000,
  healthPort: undefined,
  supervisor: { pid: 1, accepted: 0, limitHits: noRefusals },
  log: { level: 'info', dropped: 0 },
  balancers: [],
  workers: [],
  stores: [],
  ...parts,
});

describe('the status of a cluster, for people', () => {
  it('has what comes in at every process, and what a worker sends', () => {
    const text = describeStatus(
      statusWith({
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
      }),
    );
    expect(text).toMatch(/^balancer 0 .* 71 *$/m);
    expect(text).toMatch(/^worker 0 .* 5 +72 +73 *$/m);
    expect(text).toMatch(/^store 0 .* 74 *$/m);
    expect(text).not.toContain('limits');
    expect(text).not.toContain('lost');
  });

  it('names the limits that were reached, at the process where it happened', () => {
    const text = describeStatus(
      statusWith({
        supervisor: { pid: 1, accepted: 9, limitHits: { ...noRefusals, connectsPerSecondPerAddress: 7 } },
        balancers: [
          { ...process, id: 1, limitHits: { connectionsPerAddress: 2, maxConnections: 3, targetConnections: 0 } },
        ],
      }),
    );
    expect(text).toMatch(/^limits reached at supervisor: connectsPerSecondPerAddress 7$/m);
    expect(text).toMatch(/^limits reached at balancer 1: connectionsPerAddress 2, maxConnections 3$/m);
  });

  it('says what each process has lost', () => {
    const worker = { ...process, clients: 0, overloaded: false, storesAway: 0 };
    const text = describeStatus(
      statusWith({
        workers: [
          { ...worker, id: 0, lostPublications: 0, unknownGaps: 0, linksLost: 0 },
          { ...worker, id: 1, lostPublications: 12, unknownGaps: 0, linksLost: 2 },
        ],
        stores: [{ ...process, id: 0, unconfirmedOrders: 1, logFailures: 3 }],
      }),
    );
    expect(text).toMatch(/^worker 1: 12 publications lost, 2 store links lost$/m);
    expect(text).toMatch(/^store 0: 1 orders unconfirmed, 3 log failures$/m);
    expect(text).not.toMatch(/^worker 0:/m);
  });
});
