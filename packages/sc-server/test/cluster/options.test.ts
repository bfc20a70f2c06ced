import { describe, expect, it } from '@jest/globals';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { SocketClusterOptions } from '../../src/cluster/options/cluster-table.js';
import { resolveClusterOptions } from '../../src/cluster/options/options.js';
import { SocketCluster } from '../../dist/index.js';

const workerController = 'worker.js';

function refusal(options: Record<string, unknown>): unknown {
  try {
    resolveClusterOptions(options);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the options of a cluster', () => {
  it('make a good production server by default', () => {
    const workers = availableParallelism();
    expect(resolveClusterOptions({ workerController })).toMatchObject({
      port: 8000,
      workers,
      stores: Math.ceil(workers / 4),
      balancers: 0,
      protocol: 'http',
      rebootWorkerOnCrash: true,
      logLevel: 'info',
      workerController: resolve('worker.js'),
    });
  });

  it('have half as many balancers as workers for https, and at least one', () => {
    const protocolOptions = { key: 'k', cert: 'c' };
    const balancers = (workers: number) =>
      resolveClusterOptions({ workerController, workers, protocol: 'https', protocolOptions }).balancers;
    expect([balancers(1), balancers(2), balancers(5)]).toEqual([1, 1, 2]);
  });

  it.each([
    [{}, 'workerController is required: the path of a module that exports run(worker)'],
    [{ workerController, wrkers: 2 }, '`wrkers` is not an option of SocketCluster; did you mean `workers`?'],
    [{ workerController, brokers: 2 }, '`brokers` is not an option of SocketCluster any more: use stores'],
    [{ workerController, workers: 0 }, "`workers` must be 'auto' or a whole number from 1 to 256, got 0"],
    [{ workerController, workers: '3' }, '`workers` must be \'auto\' or a whole number from 1 to 256, got "3"'],
    [{ workerController, port: 70_000 }, '`port` must be a whole number from 0 to 65535, got 70000'],
    [
      { workerController, drainTime: 5 },
      '`drainTime` is in milliseconds and must be at least 100; write 5000 for 5 seconds, got 5',
    ],
    [{ workerController, workerDebugPort: 80 }, '`workerDebugPort` must be a whole number from 1024 to 65535, got 80'],
    [
      { workerController, workers: 3, workerDebugPort: 65_534 },
      '`workerDebugPort` must be at most 65533 with 3 processes, got 65534',
    ],
    [
      { workerController, stores: 2, storeDebugPort: 65_535 },
      '`storeDebugPort` must be at most 65534 with 2 processes, got 65535',
    ],
    [{ workerController, protocol: 'ftp' }, '`protocol` must be one of "http", "https", got "ftp"'],
    [
      { workerController, pingInterval: 8 },
      '`pingInterval` is in milliseconds and must be at least 100; write 8000 for 8 seconds, got 8',
    ],
    [{ workerController, pingInterval: 30_000 }, '`pingInterval` must be less than `pingTimeout` (20000), got 30000'],
    [{ workerController, authKey: 'short' }, '`authKey` must be at least 32 bytes'],
    [{ workerController, appName: '../x' }, '`appName` must be 1 to 64 letters, digits, ".", "_" or "-", got "../x"'],
    [
      { workerController, protocol: 'https' },
      "protocolOptions is required when protocol is 'https': give key and cert, or pfx",
    ],
    [
      { workerController, protocol: 'https', protocolOptions: { cert: 'c' } },
      'protocolOptions must hold key and cert, or pfx',
    ],
    [
      {
        workerController,
        protocol: 'https',
        protocolOptions: { key: '-----BEGIN ENCRYPTED PRIVATE KEY-----', cert: 'c' },
      },
      'protocolOptions.passphrase is required: the key is encrypted',
    ],
    [
      { workerController, protocolOptions: { key: 'k' } },
      "protocolOptions must go with protocol: 'https', got protocol 'http'",
    ],
    [
      { workerController, protocol: 'https', protocolOptions: { key: 'k', cert: 'c', SNICallback: () => undefined } },
      'protocolOptions.SNICallback is a function, which cannot be sent between processes; use protocolOptions.serverNames',
    ],
    [
      { workerController, protocol: 'https', protocolOptions: { key: 'k', cert: 'c', ALPNCallback: () => undefined } },
      'protocolOptions.ALPNCallback is a function, which cannot be sent between processes; give strings, numbers, booleans, buffers, arrays and plain objects',
    ],
    [
      { workerController, protocol: 'https', protocolOptions: { key: 'k', cert: 'c' }, protocolFiles: ['cert.pem'] },
      '`protocolFiles` needs protocolOptions to be a function, which reads them',
    ],
    [
      { workerController, protocolFiles: ['cert.pem'] },
      '`protocolFiles` needs protocolOptions to be a function, which reads them',
    ],
    [{ workerController, protocolFiles: 'cert.pem' }, '`protocolFiles` must be an array of paths, got "cert.pem"'],
    [{ workerController, protocolFiles: [1] }, '`protocolFiles` must be an array of paths, got an array'],
    [{ workerController, trustedPeers: [] }, '`trustedPeers` needs balancers: 1 or more, got balancers: 0'],
    [
      { workerController, downgradeToUser: 'no such user' },
      '`downgradeToUser` must be a user of this host, got "no such user"',
    ],
    [{ workerController, constructor: 1 }, '`constructor` is not an option of SocketCluster'],
  ])('refuse %j', (options, message) => {
    expect(refusal(options)).toBe(message);
  });

  it('are all refused in one error, with a remedy for each', () => {
    const message = refusal({
      wsEngine: 'ws',
      brokers: 2,
      workers: 0,
      pingInterval: 30_000,
      protocolFiles: ['cert.pem'],
      trustedPeers: [],
      storeFsync: 'synced',
    });
    expect(message).toBe(
      [
        '8 options are refused:',
        '  `wsEngine` is not an option of SocketCluster any more: remove it; there is one WebSocket engine',
        '  `brokers` is not an option of SocketCluster any more: use stores',
        "  `workers` must be 'auto' or a whole number from 1 to 256, got 0",
        '  workerController is required: the path of a module that exports run(worker)',
        '  `protocolFiles` needs protocolOptions to be a function, which reads them',
        '  `pingInterval` must be less than `pingTimeout` (20000), got 30000',
        '  `trustedPeers` needs balancers: 1 or more, got balancers: 0',
        '  `storeFsync` needs storeFolder, which is not given',
      ].join('\n'),
    );
  });

  it('are not given when they are null', () => {
    const names = [
      'appName',
      'port',
      'authKey',
      'storeFolder',
      'protocolOptions',
      'protocolFiles',
      'wsEngine',
      'trustedPeers',
    ];
    const none = Object.fromEntries(names.map((name) => [name, null]));
    expect(resolveClusterOptions({ workerController, ...none })).toMatchObject({
      appName: 'socketcluster',
      port: 8000,
    });
  });

  it('never show a secret in the refusal', () => {
    expect(refusal({ workerController, authKey: 'hunter2' })).not.toContain('hunter2');
  });

  it('are refused at once, with a stack that begins at the caller', () => {
    let error: Error | undefined;
    try {
      new SocketCluster({ workerController, wrkers: 1 } as unknown as SocketClusterOptions);
    } catch (caught) {
      error = caught as Error;
    }
    expect(error).toMatchObject({ name: 'InvalidOptionsError', code: 'SC_INVALID_OPTIONS', option: 'wrkers' });
    expect(error?.stack?.split('\n')[1]).toContain('options.test.ts');
  });
});
