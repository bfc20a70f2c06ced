import { createHash, randomBytes } from 'node:crypto';
import { withTlsDefaults } from 'sc-balancer';
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
