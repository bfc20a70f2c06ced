import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir } from 'sc-testkit';
import { resolveClusterOptions } from '../../src/cluster/options/options.js';
import type { SocketClusterOptions } from '../../src/cluster/options/cluster-table.js';
import { writeIn } from './hosts-support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());
const folder = cleanup.add(tempDir(), (created) => created.remove()).path;
const storeSecretFile = writeIn(folder, 'secret', 'a secret of thirty-two bytes, or more\n');
const shortSecret = writeIn(folder, 'short', 'short');

const resolve = (options: Partial<SocketClusterOptions>, env: NodeJS.ProcessEnv = {}) =>
  resolveClusterOptions(
    { workerController: 'worker.js', authKey: 'a key of thirty-two bytes or more', ...options },
    env,
  );

describe('the addresses of shared stores', () => {
  it('have one order on all hosts, whatever the order of the list', () => {
    const lists = [
      ['stores-2', 'Stores-1:9500', '[2001:DB8::1]:9435', 'stores-1:9435'],
      ['stores-1:9435', '[2001:db8::1]', 'stores-1:9500', 'stores-2:9435'],
    ];
    for (const storeAddresses of lists) {
      expect(resolve({ storeAddresses, storeSecretFile }).sharedStores?.addresses).toEqual([
        { host: '2001:db8::1', port: 9435 },
        { host: 'stores-1', port: 9435 },
        { host: 'stores-1', port: 9500 },
        { host: 'stores-2', port: 9435 },
      ]);
    }
  });

  it('come from the environment too, with the files', () => {
    const { sharedStores, stores } = resolve(
      {},
      { SC_STORE_ADDRESSES: 'a:1, b:2', SC_STORE_SECRET_FILE: storeSecretFile },
    );
    expect(stores).toBe(0);
    expect(sharedStores).toEqual({
      addresses: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      secret: 'a secret of thirty-two bytes, or more',
      tls: undefined,
    });
  });

  it.each<[options: Partial<SocketClusterOptions>, message: string]>([
    [{ storeAddresses: [] }, '`storeAddresses` must be an array of 1 to 256 addresses'],
    [{ storeAddresses: ['a:0'] }, '`storeAddresses` must contain addresses such as'],
    [{ storeAddresses: ['a:70000'] }, '`storeAddresses` must contain addresses such as'],
    [{ storeAddresses: ['tls://a'] }, '`storeAddresses` must contain addresses such as'],
    [{ storeAddresses: ['[a]:1'] }, '`storeAddresses` must contain addresses such as'],
    [{ storeAddresses: ['a', 'A:9435'] }, '`storeAddresses` must not name a store twice (A:9435)'],
    [{ storeAddresses: ['a'] }, '`storeAddresses` needs storeSecretFile'],
    [{ storeAddresses: ['a'], storeSecretFile: '/no/such/file' }, '`storeSecretFile` cannot be read'],
    [
      { storeAddresses: ['a'], storeSecretFile: shortSecret },
      '`storeSecretFile` must contain at least 32 bytes, got 5',
    ],
    [{ storeSecretFile }, '`storeSecretFile` needs storeAddresses'],
    [{ storeTls: true }, '`storeTls` needs storeAddresses'],
    [{ storeAddresses: ['a'], storeSecretFile, stores: 2 }, '`stores` has no effect with storeAddresses'],
    [{ storeAddresses: ['a'], storeSecretFile, channels: {} }, '`channels` has no effect with storeAddresses'],
    [{ storeAddresses: ['a'], storeSecretFile, storeFolder: '/x' }, '`storeFolder` has no effect with storeAddresses'],
    [
      { storeAddresses: ['a'], storeSecretFile, storeTls: { cert: 'x' } },
      '`storeTls` must contain cert and key together',
    ],
    [{ storeAddresses: ['a'], storeSecretFile, storeTls: { cert: 'x', key: 'y' } }, '`storeTls` cannot be used'],
    [{ storeAddresses: ['a'], storeSecretFile, storeTls: { Ca: 'x' } as never }, 'storeTls.Ca'],
  ])('%j are refused', (options, message) => {
    expect(() => resolve(options)).toThrow(message);
  });

  it('bring a warning without encryption, and one without a key for tokens', () => {
    const { warnings, hasRandomAuthKey } = resolve({
      storeAddresses: ['10.0.0.1'],
      storeSecretFile,
      authKey: undefined as never,
    });
    expect(hasRandomAuthKey).toBe(false);
    expect(warnings.join('\n')).toMatch(/those of one host are invalid on the others[^]*are not encrypted/);
    expect(resolve({ storeAddresses: ['127.0.0.1', 'localhost:1', '[::1]'], storeSecretFile }).warnings).toEqual([]);
  });
});
