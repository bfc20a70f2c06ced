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

/** The options that name keys. */
export type AuthKeys = Pick<AuthOptions, (typeof names)[number]>;

export const authKeyRules = Object.fromEntries(names.map((name) => [name, authTable[name]]));

/** The same options without their keys. */
export function withoutAuthKeys(options: AuthOptions): AuthOptions {
  const known: ReadonlySet<string> = new Set(names);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !known.has(name)));
}
