import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeCertificate, requiredTool } from 'sc-testkit';
import type { Certificate } from 'sc-testkit';
import { NdataClient, NdataClusterClient, NdataServer } from '../src/index.js';
import type { ClientTlsOptions, LinkOptions, ServerTlsOptions } from '../src/index.js';
import { runBinary, runStore } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const secret = '0123456789abcdef0123456789abcdef';
const folders = new TempFolders();
const closers: (() => unknown)[] = [];
const openssl = requiredTool('openssl', { for: 'TLS on links' });

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

async function serve(tls: ServerTlsOptions): Promise<{ server: NdataServer; port: number }> {
  const server = new NdataServer({ port: 0, secret, tls, loginTimeoutMs: 500 });
  await server.listen();
  closers.push(() => server.close());
  return { server, port: (server.address as { port: number }).port };
}

function client(port: number, tls: ClientTlsOptions | true | undefined, options: LinkOptions = {}): NdataClient {
  const made = new NdataClient({ port, secret, reconnectDelayMaxMs: 50, ...options, ...(tls && { tls }) });
  closers.push(() => made.close());
  return made;
}

async function problemOf(made: NdataClient): Promise<string> {
  await waitFor('a failure', () => made.status()[0]!.lastError !== undefined);
  return made.status()[0]!.lastError!.message;
}

(openssl === undefined ? describe.skip : describe)('a link by TLS', () => {
  const certificate = (): Certificate => makeCertificate(folders.make());

  it('carries commands and publications of every size', async () => {
    const { cert, key } = certificate();
    const { port } = await serve({ cert, key });
    const a = client(port, { ca: cert });
    const cluster = new NdataClusterClient({ shards: [{ port, host: 'localhost' }], secret, tls: { ca: cert } });
    closers.push(() => cluster.close());
    const sizes: number[] = [];
    cluster.onPayload = (_channel, payload) => sizes.push(payload.length);
    await cluster.subscribe('news');
    const expected = [0, 1, 1000, 16_384, 70_000, 5_000_000];
    for (const size of expected) {
      await a.set(['sizes', size], 'ä'.repeat(size));
      await a.publishPayload('news', Buffer.alloc(size));
      expect(await cluster.get(['sizes', size])).toBe('ä'.repeat(size));
    }
    await waitFor('all publications', () => sizes.length === expected.length);
    expect(sizes).toEqual(expected);
  });

  it('is not made with a store whose certificate is unknown or of another name', async () => {
    const { cert, key } = certificate();
    const { server, port } = await serve({ cert, key });
    expect(await problemOf(client(port, true))).toContain('self-signed certificate');
    expect(await problemOf(client(port, { ca: cert, servername: 'example.com' }))).toContain('example.com');
    expect(server.clients).toBe(0);
  });

  it('needs the certificate of the client where the store wants one', async () => {
    const own = certificate();
    const known = certificate();
    const stranger = certificate();
    const { server, port } = await serve({ cert: own.cert, key: own.key, ca: known.cert });
    const { cert, key } = known;
    await client(port, { ca: own.cert, cert, key }).set('k', 1);
    expect(await problemOf(client(port, { ca: own.cert }))).toContain('cannot be reached');
    const { cert: otherCert, key: otherKey } = stranger;
    expect(await problemOf(client(port, { ca: own.cert, cert: otherCert, key: otherKey }))).toMatch(
      /cannot be reached|closed the link/,
    );
    expect(server.clients).toBe(1);
  });

  it('still wants the secret, and nothing is executed without it', async () => {
    const { cert, key } = certificate();
    const { port } = await serve({ cert, key });
    const wrong = client(port, { ca: cert }, { secret: 'another secret, also of 32 bytes' });
    wrong.on('error', () => undefined);
    await expect(wrong.set('k', 1)).rejects.toMatchObject({ code: 'SC_AUTH' });
    expect(await client(port, { ca: cert }).getAll()).toEqual({});
  });

  it('is not made by those who speak without TLS, on either side, and others go on', async () => {
    const { cert, key } = certificate();
    const { server, port } = await serve({ cert, key });
    const plainServer = new NdataServer({ port: 0, secret });
    await plainServer.listen();
    closers.push(() => plainServer.close());
    const good = client(port, { ca: cert });
    await good.set('k', 1);
    expect(await problemOf(client(port, undefined, { connectTimeoutMs: 300 }))).toMatch(/in time|closed the link/);
    const plainPort = (plainServer.address as { port: number }).port;
    expect(await problemOf(client(plainPort, { ca: cert }))).toContain('cannot be reached');
    const garbage = connect(port, '127.0.0.1');
    garbage.on('error', () => undefined).write('GET / HTTP/1.1\r\n\r\n');
    await waitFor('its end', () => garbage.closed);
    expect(await good.get('k')).toBe(1);
    expect(server.clients).toBe(1);
  });

  it('comes back when the store does', async () => {
    const { cert, key } = certificate();
    const first = await serve({ cert, key });
    const a = client(first.port, { ca: cert });
    await a.subscribe('news');
    await first.server.close();
    const second = new NdataServer({ port: first.port, secret, tls: { cert, key } });
    await second.listen();
    closers.push(() => second.close());
    await waitFor('the subscription', () => second.store.channels().length > 0);
    expect(second.store.channels()).toEqual(['news']);
  });

  it('does not keep a store from closing while it is being made', async () => {
    const { cert, key } = certificate();
    const { server, port } = await serve({ cert, key });
    const silent = connect(port, '127.0.0.1');
    closers.push(() => silent.destroy());
    silent.on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await server.close();
    await waitFor('its end', () => silent.closed);
    expect(server.clients).toBe(0);
  });

  it('is what the binary offers with its certificate', async () => {
    const folder = folders.make();
    const { cert, certFile, keyFile } = makeCertificate(folder);
    const file = join(folder, 'secret');
    writeFileSync(file, secret);
    const args = ['--port', '0', '--secret-file', file, '--tls-cert', certFile, '--tls-key', keyFile];
    const running = await runStore([...args, '--tls-ca', certFile]);
    closers.push(async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    });
    const port = Number(/:(\d+)\n/.exec(running.stdout())![1]);
    const key = readFileSync(keyFile, 'utf8');
    await client(port, { ca: cert, cert, key }).set('k', 1);
    const refused = runBinary(['--port', '0', '--tls-cert', certFile]);
    expect(await refused.exited).toBe(2);
    expect(refused.stderr()).toContain('--tls-cert and --tls-key');
  });

  it('is refused at once with options that cannot work', () => {
    const { cert, key } = certificate();
    const other = certificate();
    const tcp = { port: 0, secret };
    expect(() => new NdataServer({ ...tcp, tls: { cert } as ServerTlsOptions })).toThrow('`tls.key` is missing');
    expect(() => new NdataServer({ ...tcp, tls: { cert, key: other.key } })).toThrow('`tls` cannot be used');
    expect(() => new NdataServer({ ...tcp, tls: { cert, key, crt: '' } as ServerTlsOptions })).toThrow('`tls.cert`');
    expect(() => new NdataServer({ socketPath: '/s', tls: { cert, key } })).toThrow('`tls` are for TCP');
    expect(() => new NdataClient({ socketPath: '/s', tls: true })).toThrow('`tls` is for TCP');
    expect(() => new NdataClient({ port: 1, tls: { cert } })).toThrow('must be given together');
    expect(() => new NdataClient({ port: 1, tls: { rejectUnauthorized: false } as ClientTlsOptions })).toThrow(
      '`tls.rejectUnauthorized` is not an option of ndata-store',
    );
  });
});
