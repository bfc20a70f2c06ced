/** Returns a copy of the options without the named fields. */
export function omit<Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): Omit<Options, Name> {
  const rest = { ...options };
  for (const name of names) delete rest[name];
  return rest;
}
