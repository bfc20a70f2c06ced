import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TlsTermination } from 'sc-balancer';
import { createCleanup, makeCertificate, tempDir } from 'sc-testkit';
import { createPrivateKey } from 'node:crypto';
import { checkProtocol, type ProtocolOptions } from '../../src/cluster/options/protocol-options.js';
import { TlsStateFollower } from '../../src/cluster/tls/apply.js';
import { unpackTlsOptions } from '../../src/cluster/tls/portable.js';
import { createSharedTls, type SharedTls } from '../../src/cluster/tls/shared.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const folders = [tempDir(), tempDir(), tempDir()];
afterAll(() => folders.forEach((folder) => folder.remove()));
const certificates = folders.map(({ path }) => {
  const { key, cert } = makeCertificate(path);
  return { key, cert };
});
const [first, second, third] = certificates as [Pair, Pair, Pair];
interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** A process of the cluster with the TLS state, listening on its own port. */
interface Process {
  readonly port: number;
  readonly follower: TlsStateFollower;
  readonly server: Server;
}

async function start(tls: SharedTls): Promise<Process> {
  const state = tls.state!;
  const termination = new TlsTermination(unpackTlsOptions(state.options), {
    onSecure: (client) => client.on('error', () => undefined).end('in'),
    onError: () => undefined,
  });
  const server = createServer((socket) => termination.take(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(server, (one) => one.close());
  return { port: (server.address() as AddressInfo).port, follower: new TlsStateFollower(termination, state), server };
}

/** Which certificate a client is shown, and whether it is let in. */
function ask(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    let shown = '';
    const socket = connectTls({ socket: connect(port, '127.0.0.1'), rejectUnauthorized: false, ...options });
    socket.on('secureConnect', () => (shown = socket.getPeerCertificate().fingerprint256));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(`${shown} ${text === 'in' ? 'let in' : 'refused'}`));
  });
}

async function answersOf({ port }: Process): Promise<readonly string[]> {
  const clients = [{}, first, second];
  const names = ['localhost', 'a.example', 'b.a.example'];
  return Promise.all(names.flatMap((servername) => clients.map((client) => ask(port, { servername, ...client }))));
}

const shared = (protocolOptions: ProtocolOptions): SharedTls =>
  createSharedTls({ protocolOptions, appName: 'test', ticketKeyLifetime: 0 });

describe('The TLS state of a cluster', () => {
  it('makes every process, old or new, answer the same, whatever was changed in which order', async () => {
    const pair = fc.constantFrom(first, second, third);
    const change: fc.Arbitrary<ProtocolOptions> = fc.oneof(
      pair,
      fc.record({ requestCert: fc.boolean(), ca: pair.map(({ cert }) => cert) }),
      fc.record({ rejectUnauthorized: fc.boolean() }),
      fc.record({ serverNames: fc.dictionary(fc.constantFrom('a.example', '*.a.example'), pair) }),
      fc.constantFrom<ProtocolOptions>({ ca: undefined }, { maxVersion: 'TLSv1.2' }),
    );
    const step = fc.oneof(
      { weight: 3, arbitrary: change.map((given) => ({ kind: 'change', given }) as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'restart' } as const) },
      { weight: 1, arbitrary: pair.map((given) => ({ kind: 'read again', given }) as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const tls = shared({ ...first, requestCert: true, ca: second.cert });
        const processes = [await start(tls), await start(tls)];
        tls.onChange = (state) => processes.forEach(({ follower }) => follower.apply(state));
        for (const one of steps) {
          if (one.kind === 'restart') processes[1] = await start(tls);
          else tls.replace(one.kind === 'change' ? tls.merged(one.given) : one.given);
        }
        processes.push(await start(tls));
        const [old, ...others] = await Promise.all(processes.map(answersOf));
        for (const other of others) expect(other).toEqual(old);
        await cleanup.run();
      }),
      { numRuns: 15 },
    );
  });

  it('keeps what a change does not name', () => {
    const tls = shared({ ...first, requestCert: true, ca: second.cert, serverNames: { 'a.example': third } });
    expect(tls.merged(second)).toEqual({
      ...second,
      requestCert: true,
      ca: second.cert,
      serverNames: { 'a.example': third },
    });
    expect(tls.merged({ ca: undefined })).toEqual({
      ...first,
      requestCert: true,
      ca: undefined,
      serverNames: { 'a.example': third },
    });
  });

  it('does not resume a session that was begun before client certificates were required', async () => {
    const tls = shared(first);
    const one = await start(tls);
    tls.onChange = (state) => one.follower.apply(state);
    const before = connectTls({ port: one.port, host: '127.0.0.1', rejectUnauthorized: false });
    before.on('error', () => undefined).resume();
    const [session] = (await once(before, 'session')) as [Buffer];
    expect(await ask(one.port, { session })).toMatch(/let in$/);
    tls.replace(tls.merged({ requestCert: true, ca: second.cert }));
    expect(await ask(one.port, { session })).toMatch(/refused$/);
    expect(await ask((await start(tls)).port, { session })).toMatch(/refused$/);
    expect(await ask(one.port, { ...second })).toMatch(/let in$/);
  });

  it('refuses what would arrive as something else', () => {
    const refused = (part: object) => () => checkProtocol('https', { ...first, ...part });
    expect(refused({ key: createPrivateKey(first.key) })).toThrow(
      "protocolOptions.key is a PrivateKeyObject, which cannot be sent between processes; give the key as PEM: keyObject.export({ type: 'pkcs8', format: 'pem' })",
    );
    expect(refused({ key: [createPrivateKey(first.key)] })).toThrow('protocolOptions.key.0 is a PrivateKeyObject');
    expect(refused({ ticketKeys: new Map() })).toThrow(
      'protocolOptions.ticketKeys is a Map, which cannot be sent between processes',
    );
    expect(refused({ serverNames: { a: { key: () => '' } } })).toThrow(
      'protocolOptions.serverNames.a.key is a function',
    );
    expect(refused({ key: [{ pem: first.key }], cert: Buffer.from(first.cert) })).not.toThrow();
  });
});
