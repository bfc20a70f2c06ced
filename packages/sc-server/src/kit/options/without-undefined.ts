/** An option that is `undefined` counts as not given. */
export function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** The group without some of its fields. */
export function omit<Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): Omit<Options, Name> {
  const rest = { ...options };
  for (const name of names) delete rest[name];
  return rest;
}
