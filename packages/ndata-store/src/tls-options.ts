import type { Buffer } from 'node:buffer';
import { createSecureContext } from 'node:tls';
import { InvalidOptionsError } from 'sc-protocol';
import { checkNames } from './option-rules.js';

/** A certificate and its key, in PEM. */
interface Credentials {
  /** The certificate, followed by its intermediate certificates. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Passphrase of the encrypted key. */
  readonly passphrase?: string;
}

/** How a store server encrypts its TCP links. */
export interface ServerTlsOptions extends Credentials {
  /** Certificate chain, PEM. */
  readonly cert: string | Buffer;
  /** Private key, PEM. */
  readonly key: string | Buffer;
  /**
   * CA certificates. A client's certificate must be signed by one of them. @default none: clients need no certificate
   */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
}

/** How a client encrypts its TCP links. The store's certificate is always verified. */
export interface ClientTlsOptions extends Credentials {
  /** CA certificates. The store's certificate must be signed by one of them. @default the CAs that Node trusts */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** Server name that the store's certificate must match. @default the host of the address */
  readonly servername?: string;
}

/**
 * Resolves the options for `node:tls`. Throws `InvalidOptionsError`, also if the key does not match the certificate.
 */
export function toServerTls(options: ServerTlsOptions): ServerTlsOptions & { readonly requestCert: boolean } {
  checkNames(options, ['cert', 'key', 'passphrase', 'ca'], 'tls.');
  for (const name of ['cert', 'key'] as const) {
    if (!(name in options)) throw refused(`\`tls.${name}\` is missing`);
  }
  checkCredentials(options);
  return { ...options, requestCert: options.ca !== undefined };
}

/** Resolves the options; `true` stands for the defaults. Throws `InvalidOptionsError`. */
export function toClientTls(options: ClientTlsOptions | true): ClientTlsOptions {
  if (options === true) return {};
  checkNames(options, ['cert', 'key', 'passphrase', 'ca', 'servername'], 'tls.');
  checkCredentials(options);
  return options;
}

function checkCredentials(options: ServerTlsOptions | ClientTlsOptions): void {
  const { cert, key, passphrase, ca } = options;
  if ((cert === undefined) !== (key === undefined)) throw refused('`tls.cert` and `tls.key` must be given together');
  try {
    createSecureContext({
      ...(cert !== undefined && { cert, key }),
      ...(passphrase !== undefined && { passphrase }),
      ...(ca !== undefined && { ca: ca as string }),
    });
  } catch (error) {
    throw refused(`\`tls\` cannot be used: ${(error as Error).message}`);
  }
}

function refused(message: string): InvalidOptionsError {
  return new InvalidOptionsError(message, { option: 'tls' });
}
