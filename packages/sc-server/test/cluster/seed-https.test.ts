import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, makeCertificate, startProcess, tempDir } from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';

const packageDirectory = fileURLToPath(new URL('../..', import.meta.url));

/** The first example for https that there ever was, word for word. */
const example = `
var socketCluster = new SocketCluster({
  balancers: 1,
  workers: 3,
  stores: 3,
  port: 8000,
  appName: 'myapp',
  workerController: 'worker.js',
  protocol: 'https',
  protocolOptions: {
    key: fs.readFileSync(__dirname + '/keys/enc_key.pem', 'utf8'),
    cert: fs.readFileSync(__dirname + '/keys/cert.pem', 'utf8'),
    passphrase: 'passphase4privkey'
  }
});
`;

const server = `
var fs = require('fs');
var SocketCluster = require('sc-server').SocketCluster;
${example.replace('port: 8000', 'port: 0') /* 8000 may be somebody else's. */}
socketCluster.on('ready', function () {
  console.log('READY ' + JSON.stringify(socketCluster.status()));
});
`;

const worker = `
module.exports.run = function (worker) {
  worker.httpServer.on('request', function (req, res) {
    res.end(JSON.stringify({
      address: req.socket.remoteAddress,
      port: req.socket.remotePort,
      protocol: req.socket.constructor.name,
      server: worker.httpServer.constructor === require('http').Server
    }));
  });
};
`;

describe('the first example for https', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  it('ends TLS at the balancers with an encrypted key; workers see plain HTTP and who the client is', async () => {
    const { path } = cleanup.add(tempDir(), (made) => made.remove());
    mkdirSync(join(path, 'node_modules'));
    symlinkSync(packageDirectory, join(path, 'node_modules', 'sc-server'));
    mkdirSync(join(path, 'keys'));
    const { key, cert } = makeCertificate(join(path, 'keys'), { passphrase: 'passphase4privkey' });
    writeFileSync(join(path, 'keys', 'enc_key.pem'), key);
    writeFileSync(join(path, 'keys', 'cert.pem'), cert);
    writeFileSync(join(path, 'worker.js'), worker);
    writeFileSync(join(path, 'server.js'), server);
    expect(key).toContain('ENCRYPTED');

    const started = await startProcess<ClusterStatus>(join(path, 'server.js'), { cwd: path, readyDeadlineMs: 60_000 });
    cleanup.add(started, (program) => program.stop());
    const { port, workers, stores, balancers } = started.ready;
    expect([workers.length, stores.length, balancers.length]).toEqual([3, 3, 1]);
    const { answer, localPort } = await ask(port ?? 0, cert);
    // Without a host it listens for IPv6 too where there is IPv6.
    expect(answer).toEqual({
      address: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/),
      port: localPort,
      protocol: 'Socket',
      server: true,
    });
    for (const { pid } of [...workers, ...stores]) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      expect(environment).not.toContain('passphase4privkey');
    }
    expect(await started.stop()).toMatchObject({ code: 0 });
  }, 90_000);
});

function ask(port: number, ca: string): Promise<{ answer: unknown; localPort: number | undefined }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', ca, agent: false }, (response) => {
      const { localPort } = response.socket;
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ answer: JSON.parse(body), localPort }));
    });
    asked.on('error', reject).end();
  });
}
