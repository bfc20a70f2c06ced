import { createPrivateKey } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificate, tempDir, type Certificate, type TempDir } from 'sc-testkit';
import { startCluster, type TestCluster } from './support.js';

const passphrase = 'passphase4privkey';
const chunkBytes = 1 << 20;

/** Which of the needles stand in the writable memory of a process. */
function searchMemory(pid: number, needles: Readonly<Record<string, Buffer>>): string[] {
  const overlap = Math.max(...Object.values(needles).map(({ length }) => length));
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(chunkBytes);
  try {
    for (const [, from = '', to = ''] of readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^(\w+)-(\w+) rw/gm)) {
      const end = parseInt(to, 16);
      for (let at = parseInt(from, 16); at < end; at += chunkBytes - overlap) {
        const length = readAt(memory, chunk, at, Math.min(chunkBytes, end - at));
        const bytes = chunk.subarray(0, length);
        for (const [name, needle] of Object.entries(needles)) if (bytes.includes(needle)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
    chunk.fill(0);
  }
  return [...found].sort();
}

function readAt(file: number, into: Buffer, at: number, length: number): number {
  try {
    return readSync(file, into, 0, length, at);
  } catch {
    return 0; // The region has gone, or is none that can be read.
  }
}

// Memory of another process is a file on Linux only.
(process.platform === 'linux' ? describe : describe.skip)('the private key of a cluster with balancers', () => {
  let test: TestCluster | undefined;
  let directory: TempDir;
  let certificate: Certificate;
  beforeAll(() => {
    directory = tempDir();
    certificate = makeCertificate(directory.path, { passphrase });
  });
  afterAll(() => directory.remove());
  afterEach(() => test?.cluster.close());

  const start = (balancers: number) =>
    startCluster({
      balancers,
      protocol: 'https',
      protocolOptions: { key: certificate.key, cert: certificate.cert, passphrase },
    });
  const needles = () => {
    const secret = Buffer.from(
      createPrivateKey({ key: certificate.key, passphrase }).export({ format: 'jwk' }).d!,
      'base64url',
    );
    return {
      // As OpenSSL keeps a number on this kind of machine, and as it is written.
      'the key itself': Buffer.from(secret).reverse(),
      'the key, written': secret,
      'the encrypted key': Buffer.from(certificate.key.split('\n')[1]!),
      'the passphrase': Buffer.from(passphrase),
    };
  };

  it('is nowhere in the memory, the environment or the arguments of workers and stores', async () => {
    test = await start(1);
    const { workers, stores, balancers } = test.cluster.status();
    const socket = await test.connect();
    // Where it is, it is found.
    expect(searchMemory(balancers[0]!.pid, needles())).toContain('the key itself');
    for (const { pid } of [...workers, ...stores]) {
      expect(searchMemory(pid, needles())).toEqual([]);
      for (const file of ['environ', 'cmdline']) {
        const text = readFileSync(`/proc/${pid}/${file}`);
        for (const needle of Object.values(needles())) expect(text.includes(needle)).toBe(false);
      }
    }
    await socket.close();
  });
});
