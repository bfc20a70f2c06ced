import type { TlsOptions } from 'node:tls';

const credentials = ['key', 'cert', 'pfx', 'passphrase'] as const;

/**
 * The options after a change: those that are given replace those there are, and the others stay, client certificates and
 * server names included. A key, certificate or pfx replaces all of these together. An option given as `undefined` is
 * removed.
 */
export function mergeTlsOptions<Options extends TlsOptions>(current: Options, given: Options): Options {
  const hasCredentials = given.key !== undefined || given.cert !== undefined || given.pfx !== undefined;
  const merged = { ...(hasCredentials ? withoutCredentials(current) : current), ...given };
  // The ticket keys are a key of their own; they change only when they are given.
  if (given.ticketKeys === undefined) delete merged.ticketKeys;
  return merged;
}

/** Removes the options that belong to one certificate, so that they are not combined with another one. */
export function withoutCredentials<Options extends TlsOptions>(options: Options): Options {
  const rest = { ...options };
  for (const name of credentials) delete rest[name];
  return rest;
}
