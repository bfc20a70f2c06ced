import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  /** PEM text. */
  readonly key: string;
  /** PEM text. */
  readonly cert: string;
}

/**
 * Creates a self-signed certificate for `localhost` and `127.0.0.1` in a directory with openssl. With a passphrase, the
 * key is encrypted.
 */
export function makeCertificate(directory: string, options: { readonly passphrase?: string } = {}): Certificate {
  const keyFile = join(directory, 'key.pem');
  const certFile = join(directory, 'cert.pem');
  const protection = options.passphrase === undefined ? ['-nodes'] : ['-passout', 'env:SC_TESTKIT_PASSPHRASE'];
  const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-x509', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', ['req', ...request, ...protection, ...names, ...files], {
    env: { ...process.env, SC_TESTKIT_PASSPHRASE: options.passphrase ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { keyFile, certFile, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
}
