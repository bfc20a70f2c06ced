import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCleanup, makeCertificate, startProcess, tempDir } from 'sc-testkit';
import { clusterTable } from '../../src/cluster/options/cluster-table.js';
import { resolveClusterOptions } from '../../src/cluster/options/options.js';
import type { ClusterStatus } from '../../dist/index.js';
import { environmentVariables, readEnvironment } from '../../src/kit/options/environment.js';
import { controller } from './support.js';

const cleanup = createCleanup();
const workerController = 'worker.js';
const authKey = 'a key of thirty-two bytes or more';

function fileWith(text: string | Buffer): string {
  const directory = cleanup.add(tempDir(), (made) => made.remove());
  const path = join(directory.path, 'value');
  writeFileSync(path, text);
  return path;
}

function environmentOf({ pid }: { readonly pid: number }): string {
  return readFileSync(`/proc/${pid}/environ`, 'utf8');
}

function refusal(env: NodeJS.ProcessEnv): string {
  try {
    resolveClusterOptions({ workerController }, env);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the environment of a cluster', () => {
  afterEach(() => cleanup.run());

  it('sets what the options leave out', () => {
    const env = {
      SC_WORKER_CONTROLLER: '/app/worker.js',
      SC_PORT: '9000',
      SC_WORKERS: '3',
      SC_REBOOT_WORKER_ON_CRASH: 'false',
      SC_LOG_LEVEL: 'debug',
      SC_PING_TIMEOUT: '30000',
      SC_ORIGINS: 'https://a.example, https://b.example',
      SC_TRUST_PROXY: '2',
      SC_STORE_OPTIONS: '{"a":1}',
      SC_AUTH_KEY: authKey,
    };
    expect(resolveClusterOptions({}, env)).toMatchObject({
      workerController: '/app/worker.js',
      port: 9000,
      workers: 3,
      rebootWorkerOnCrash: false,
      logLevel: 'debug',
      storeOptions: { a: 1 },
      hasRandomAuthKey: false,
      server: { pingTimeout: 30_000, origins: ['https://a.example', 'https://b.example'], trustProxy: 2, authKey },
    });
  });

  it('gives way to options, and an option that is undefined gives way to it', () => {
    const env = { SC_PORT: '9000', SC_APP_NAME: 'from-environment' };
    const options = { workerController, port: 7000, appName: undefined } as unknown as { workerController: string };
    expect(resolveClusterOptions(options, env)).toMatchObject({ port: 7000, appName: 'from-environment' });
  });

  it('takes PORT where SC_PORT is not set, and nothing for an empty variable', () => {
    const port = (env: NodeJS.ProcessEnv) => resolveClusterOptions({ workerController }, env).port;
    expect([port({ PORT: '1' }), port({ PORT: '1', SC_PORT: '2' }), port({ SC_PORT: '' }), port({})]).toEqual([
      1, 2, 8000, 8000,
    ]);
  });

  it('takes a secret from a file, without the line break at its end', () => {
    const env = { SC_AUTH_KEY_FILE: fileWith(`${authKey}\n`) };
    expect(resolveClusterOptions({ workerController }, env).server.authKey).toBe(authKey);
  });

  it('takes TLS from files, and reads them again when the certificate is to be changed', () => {
    const directory = cleanup.add(tempDir(), (made) => made.remove()).path;
    const [first, second] = [makeCertificate(directory), makeCertificate(directory)];
    const env = {
      SC_PROTOCOL: 'https',
      SC_PROTOCOL_OPTIONS_KEY_FILE: fileWith(first.key),
      SC_PROTOCOL_OPTIONS_CERT_FILE: fileWith(first.cert),
    };
    const { protocolOptions, readProtocolOptions } = resolveClusterOptions({ workerController }, env);
    expect(protocolOptions).toEqual({ key: first.key.trimEnd(), cert: first.cert.trimEnd() });
    writeFileSync(env.SC_PROTOCOL_OPTIONS_CERT_FILE, second.cert);
    expect(readProtocolOptions?.().cert).toBe(second.cert.trimEnd());
  });

  it('starts a cluster whose processes do not have its secrets in their environment', async () => {
    const started = await startProcess(fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url)), {
      env: {
        CLUSTER_OPTIONS: JSON.stringify({ workerController: controller('worker.cjs'), workers: 1, stores: 1 }),
        SC_PORT: '0',
        SC_APP_NAME: 'by-environment',
        SC_BALANCERS: '1',
        SC_AUTH_KEY: authKey,
      },
    });
    cleanup.add(started, (process) => process.stop());
    const { appName, workers, stores, balancers } = started.ready as ClusterStatus;
    expect(appName).toBe('by-environment');
    expect(started.output()).not.toContain('No authKey was given');
    const children = [...workers, ...stores, ...balancers];
    expect(children).toHaveLength(3);
    // On Linux only can an environment be read from outside.
    const environments = process.platform === 'linux' ? children.map(environmentOf) : [];
    expect(environments.filter((environment) => environment.includes(authKey))).toEqual([]);
  });

  it('does not give its secrets on to child processes', () => {
    const env = { SC_AUTH_KEY: authKey, SC_SESSION_KEY: authKey, SC_PORT: '1', HOME: '/home/ada' };
    expect(resolveClusterOptions({ workerController }, env).childEnv).toEqual({ SC_PORT: '1', HOME: '/home/ada' });
  });

  it.each([
    [{ SC_PORT: 'high' }, '`SC_PORT` in the environment must be a whole number from 0 to 65535, got "high"'],
    [{ PORT: '70000' }, '`PORT` in the environment must be a whole number from 0 to 65535, got "70000"'],
    [{ SC_SECURE: 'maybe' }, '`SC_SECURE` in the environment must be true or false, got "maybe"'],
    [{ SC_AUTH_KEY: 'short' }, '`SC_AUTH_KEY` in the environment must be at least 32 bytes'],
    [{ SC_STORE_OPTIONS: '{' }, '`SC_STORE_OPTIONS` in the environment must be JSON, got "{"'],
    [{ SC_AUTH_KEY_FILE: '/no/such' }, '`SC_AUTH_KEY_FILE` names a file that cannot be read (ENOENT): "/no/such"'],
    [
      { SC_AUTH_KEY: authKey, SC_AUTH_KEY_FILE: '/no/such' },
      '`SC_AUTH_KEY` and `SC_AUTH_KEY_FILE` are both set: keep one of them',
    ],
    [{ SC_PING_INTERVAL: '30000' }, '`pingInterval` must be less than `pingTimeout` (20000), got 30000'],
  ])('is refused for %j', (env, message) => {
    expect(refusal(env)).toBe(message);
  });

  it('gives a warning for a variable that looks like a slip of the pen', () => {
    const warnings = (env: NodeJS.ProcessEnv) => resolveClusterOptions({ workerController }, env).warnings;
    expect(warnings({ SC_WROKERS: '3' })).toEqual([
      'The environment variable SC_WROKERS sets nothing; did you mean SC_WORKERS?',
    ]);
    expect(warnings({ SC_PACKAGES: '/x', SC_URL: 'x', SC_TOKEN: 'x', SC_NO_TYPES: '1', SCREEN: '1' })).toEqual([]);
  });

  it('has a variable of its own for every option that can be written as text', () => {
    const variables = environmentVariables(clusterTable);
    expect(new Set(variables.map(({ name }) => name)).size).toBe(variables.length);
    const options = new Set(variables.map(({ option }) => option));
    expect(Object.keys(clusterTable).filter((name) => !options.has(name))).toEqual(['protocolFiles', 'logger']);
    expect(variables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['SC_AUTH_DEFAULT_EXPIRY_MS', 'SC_SESSION_KEY_FILE', 'SC_PROTOCOL_OPTIONS_PFX_FILE']),
    );
  });

  it('gives a value that its rule accepts, or an error that names the variable, for any text', () => {
    const variables = environmentVariables(clusterTable);
    fc.assert(
      fc.property(fc.constantFrom(...variables), fc.string({ unit: 'grapheme' }), ({ name, isFile }, text) => {
        // Skip variables that name files, which this property does not cover.
        fc.pre(!isFile);
        try {
          readEnvironment({ [name]: text }, clusterTable);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidOptionsError', message: expect.stringContaining(`\`${name}\``) });
        }
      }),
    );
  });
});
