import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { createCertificate } from './certificate.js';
import { visitWithOpenssl } from './openssl.js';
import { sayHi, startBalancer, startTarget, target } from './proxy-support.js';

const certificate = createCertificate('localhost');
/** As old as openssl can be made to speak. */
const lax = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

/** Those for RSA need a certificate of that kind. */
const modern = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'];

async function start(): Promise<number> {
  const a = await startTarget('a', sayHi);
  return (await startBalancer({ targets: [target(a)], tls: certificate })).port;
}

describe('A scan of a balancer with openssl', () => {
  it.each(['tls1', 'tls1_1'])('is refused with %s', async (version) => {
    const { output, exitCode } = await visitWithOpenssl(await start(), `-${version}`, '-cipher', lax);
    expect(output).toMatch(/alert protocol version/);
    expect(exitCode).toBe(1);
  });

  it.each(['tls1_2', 'tls1_3'])('gets through with %s', async (version) => {
    const { output, exitCode } = await visitWithOpenssl(await start(), `-${version}`);
    expect(output).toContain(`New, ${version === 'tls1_3' ? 'TLSv1.3' : 'TLSv1.2'}, Cipher is`);
    expect(exitCode).toBe(0);
  });

  it('finds only ephemeral key exchange with authenticated encryption in TLS 1.2', async () => {
    const port = await start();
    const known = execFileSync('openssl', ['ciphers', '-s', '-tls1_2', lax], { encoding: 'utf8' }).trim().split(':');
    const refused = known.filter((cipher) => !modern.includes(cipher));
    expect(refused.length).toBeGreaterThan(20);
    const { output } = await visitWithOpenssl(port, '-tls1_2', '-cipher', `${refused.join(':')}:@SECLEVEL=0`);
    expect(output).toMatch(/alert handshake failure/);
    for (const cipher of modern) {
      expect((await visitWithOpenssl(port, '-tls1_2', '-cipher', cipher)).output).toContain(`Cipher is ${cipher}`);
    }
  });

  it('finds no compression and only secure renegotiation', async () => {
    const { output } = await visitWithOpenssl(await start(), '-tls1_2');
    expect(output).toContain('Compression: NONE');
    expect(output).toContain('Secure Renegotiation IS supported');
  });
});
