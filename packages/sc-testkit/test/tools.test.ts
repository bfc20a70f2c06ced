import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup } from '../src/cleanup.js';
import { makeCertificate } from '../src/certificate.js';
import { freePort } from '../src/free-port.js';
import { requiredTool } from '../src/required-tool.js';
import { tempDir } from '../src/temp-dir.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe('requiredTool', () => {
  it('finds a program', () => {
    expect(requiredTool('sh', { for: 'everything' })).toMatch(/\/sh$/);
  });

  it('throws under CI when a program is missing', () => {
    const env = { PATH: '/nowhere', CI: 'true' };
    expect(() => requiredTool('chromium', { for: 'the browser suite', env })).toThrow(
      'chromium is not installed: the browser suite is NOT TESTED here',
    );
  });

  it('says loudly what is left out elsewhere', () => {
    const said: string[] = [];
    const warn = (text: string) => said.push(text);
    expect(requiredTool('chromium', { for: 'the browser suite', env: { PATH: '/nowhere' }, warn })).toBeUndefined();
    expect(said).toEqual(['\n!!! chromium is not installed: the browser suite is NOT TESTED here\n']);
  });
});

describe('makeCertificate', () => {
  it('makes a certificate for localhost and 127.0.0.1 with a key that fits', () => {
    const { key, cert } = makeCertificate(cleanup.add(tempDir(), (directory) => directory.remove()).path);
    const certificate = new X509Certificate(cert);
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  it('encrypts the key when there is a passphrase', () => {
    const directory = cleanup.add(tempDir(), (it) => it.remove()).path;
    const { key, cert } = makeCertificate(directory, { passphrase: 'open sesame' });
    expect(key).toContain('ENCRYPTED');
    const opened = createPrivateKey({ key, passphrase: 'open sesame' });
    expect(new X509Certificate(cert).checkPrivateKey(opened)).toBe(true);
  });
});

describe('tempDir', () => {
  it('makes a directory and removes it', () => {
    const directory = tempDir();
    expect(existsSync(directory.path)).toBe(true);
    directory.remove();
    directory.remove();
    expect(existsSync(directory.path)).toBe(false);
  });
});

describe('freePort', () => {
  it('gives a port that can be listened on', async () => {
    const server = cleanup.add(createServer(), (it) => it.close());
    server.listen(await freePort(), '127.0.0.1');
    await expect(once(server, 'listening')).resolves.toEqual([]);
  });
});

describe('createCleanup', () => {
  it('closes in reverse order, all of them, and then fails with the first error', async () => {
    const order: string[] = [];
    const inner = createCleanup();
    inner.add('a', (name) => order.push(name));
    inner.add('b', () => Promise.reject(new Error('b failed')));
    expect(inner.add('c', (name) => order.push(name))).toBe('c');
    await expect(inner.run()).rejects.toThrow('b failed');
    expect(order).toEqual(['c', 'a']);
    await expect(inner.run()).resolves.toBeUndefined();
  });
});
