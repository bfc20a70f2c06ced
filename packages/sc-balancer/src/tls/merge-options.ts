import type { TlsOptions } from 'node:tls';

const credentials = ['key', 'cert', 'pfx', 'passphrase'] as const;

/**
 * Merges a change into the options. Given options replace current ones; options that are not given keep their values,
 * including client certificates and server names. A given key, certificate or pfx replaces all credentials together. An
 * option given as `undefined` is removed.
 */
export function mergeTlsOptions<Options extends TlsOptions>(current: Options, given: Options): Options {
  const hasCredentials = given.key !== undefined || given.cert !== undefined || given.pfx !== undefined;
  const merged = { ...(hasCredentials ? withoutCredentials(current) : current), ...given };
  // Ticket keys are independent of the credentials and change only if given.
  if (given.ticketKeys === undefined) delete merged.ticketKeys;
  return merged;
}

/** Removes the options that belong to one certificate, so that they are not combined with another one. */
export function withoutCredentials<Options extends TlsOptions>(options: Options): Options {
  const rest = { ...options };
  for (const name of credentials) delete rest[name];
  return rest;
}
