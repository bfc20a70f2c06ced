import { InvalidArgumentsError } from 'sc-protocol';
import { nearestName, showValue } from 'sc-protocol/kit';

/** Options for signing a token. They are mutually exclusive. */
export interface SignOptions {
  /** Lifetime of the token, in seconds. @default `authDefaultExpiryMs` */
  readonly expiresInSeconds?: number;
  /** Alias of `expiresInSeconds`, the name in SocketCluster 3 to 20. */
  readonly expiresIn?: number;
  /** Lifetime in minutes, as in SocketCluster 1 and 2. */
  readonly expiresInMinutes?: number;
}

const secondsPer: Readonly<Record<string, number>> = { expiresInSeconds: 1, expiresIn: 1, expiresInMinutes: 60 };

/** JWT library options of SocketCluster 3 to 20, with the server options that replace them. */
const replacements: Readonly<Record<string, string>> = {
  algorithm: 'set the option `authAlgorithm` of the server',
  audience: 'set the option `authAudience` of the server',
  issuer: 'set the option `authIssuer` of the server',
  keyid: 'set the option `authKeyId` of the server',
  notBefore: 'put `nbf` into the claims',
  subject: 'put `sub` into the claims',
  rejectOnFailedDelivery: 'the promise always rejects when the client does not receive the token',
};

/**
 * The requested lifetime in seconds, or `undefined` for the default. Throws `InvalidArgumentsError` for a field that is
 * unknown or not a number, and for two lifetimes. `null` means "not given", as in older apps.
 */
export function requestedLifetime(options: SignOptions | null): number | undefined {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined && value !== null);
  for (const [name, value] of given) {
    if (!Object.hasOwn(secondsPer, name)) throw new InvalidArgumentsError(describeUnknown(name));
    if (typeof value === 'number') continue;
    const unit = secondsPer[name] === 60 ? 'minutes' : 'seconds';
    throw new InvalidArgumentsError(`\`${name}\` must be a number of ${unit}, got ${showValue(value)}`);
  }
  if (given.length > 1) {
    const names = given.map(([name]) => `\`${name}\``).join(' and ');
    throw new InvalidArgumentsError(`A token has one lifetime, got ${names}`);
  }
  const [name, value] = (given[0] ?? []) as [string?, number?];
  return name === undefined || value === undefined ? undefined : value * (secondsPer[name] ?? 1);
}

function describeUnknown(name: string): string {
  const what = `\`${name}\` is not an option for signing a token`;
  const replacement = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
  if (replacement !== undefined) return `${what}: ${replacement}`;
  const nearest = nearestName(name, Object.keys(secondsPer));
  return nearest === undefined ? what : `${what}; did you mean \`${nearest}\`?`;
}
