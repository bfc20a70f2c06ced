import { checkOptions } from 'sc-protocol/kit';
import { authTable, type AuthOptions } from './options.js';

const names = [
  'authKey',
  'authPrivateKey',
  'authPublicKey',
  'authAlgorithm',
  'authKeyId',
  'authVerifyKeys',
  'authJwksUrl',
] as const satisfies readonly (keyof AuthOptions)[];

/** The options that specify keys. */
export type AuthKeys = Pick<AuthOptions, (typeof names)[number]>;

const rules = Object.fromEntries(names.map((name) => [name, authTable[name]]));

/** Throws `InvalidOptionsError` for a key that violates the rule of its option. */
export function checkAuthKeys(keys: AuthKeys): void {
  checkOptions('setAuthKeys', keys, rules);
}

/** The same options without their keys. */
export function withoutAuthKeys(options: AuthOptions): AuthOptions {
  const known: ReadonlySet<string> = new Set(names);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !known.has(name)));
}
