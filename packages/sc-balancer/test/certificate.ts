import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate for it, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for the name; the key is encrypted when there is a passphrase. */
export function createCertificate(commonName: string, { passphrase = '' } = {}): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'sc-balancer-'));
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=DNS:${commonName}`];
  const protection = passphrase === '' ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...protection, '-keyout', keyFile];
  try {
    execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject], { stdio: 'pipe' });
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The same as a PKCS #12 archive. */
export function toPfx({ key, cert }: Certificate, passphrase: string): Buffer {
  return execFileSync('openssl', ['pkcs12', '-export', '-passout', `pass:${passphrase}`], {
    input: `${key}\n${cert}`,
    stdio: 'pipe',
  });
}
