import { createHash, randomBytes } from 'node:crypto';
import type { ServerOptions as HttpsOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { withTlsDefaults } from 'sc-balancer';
import { InvalidOptionsError } from 'sc-protocol';
import type { ResolvedClusterOptions } from './options.js';
import { packTlsOptions, type PortableTlsOptions } from './portable-tls.js';

/** What Node takes as session ticket keys. */
const ticketKeyBytes = 48;
/** Longest `sessionIdContext` that OpenSSL takes. */
const contextBytes = 32;

/**
 * The TLS options for every process that ends TLS, or `undefined` without https. All get the same ticket keys and
 * session context: a client that comes back may meet another process, and a session can be resumed only where both match.
 */
export function shareTlsOptions({ protocolOptions, appName }: ResolvedClusterOptions): PortableTlsOptions | undefined {
  if (protocolOptions === undefined) return undefined;
  return packTlsOptions({
    ticketKeys: randomBytes(ticketKeyBytes),
    sessionIdContext: createHash('sha256').update(appName).digest('hex').slice(0, contextBytes),
    ...withTlsDefaults(protocolOptions),
  });
}

/** Another key and certificate, for processes that have the rest already. */
export function packSecureContext(protocolOptions: HttpsOptions): PortableTlsOptions {
  return packTlsOptions(withTlsDefaults(protocolOptions));
}

/** Refuses a key and certificate that OpenSSL cannot use, or that do not belong together. */
export function checkSecureContext(protocolOptions: HttpsOptions): void {
  try {
    createSecureContext(protocolOptions);
  } catch (cause) {
    const message = `\`protocolOptions\` cannot be used: ${(cause as Error).message}`;
    throw new InvalidOptionsError(message, { option: 'protocolOptions' }, { cause });
  }
}
