/** Describes the problem of a value, as the end of a sentence. */
type Problem<Value> = (value: Value) => string | undefined;

/** Accepts text that begins with one of these. */
export function beginning(...starts: readonly string[]): Problem<string> {
  return (value) =>
    starts.some((start) => value.startsWith(start)) ? undefined : `must be text beginning with ${starts.join(' or ')}`;
}

/** Accepts an object with these functions, or `null` for the default. */
export function functionsProblem(...names: readonly string[]): Problem<unknown> {
  return (value) => {
    const object = Object(value) as Readonly<Record<string, unknown>>;
    const holds = value === null || names.every((name) => typeof object[name] === 'function');
    return holds ? undefined : `must be an object with the functions ${names.join(', ')}`;
  };
}

/** Accepts a host without any other part of a URL. */
export function hostProblem(value: string): string | undefined {
  return /^[^\s/?#]+$/.test(value) ? undefined : 'must be a host name';
}

/** Accepts an object. */
export function objectProblem(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? undefined : 'must be an object';
}

/** Accepts non-empty text or an object. */
export function queryProblem(value: unknown): string | undefined {
  const holds = typeof value === 'string' ? value !== '' : objectProblem(value) === undefined;
  return holds ? undefined : 'must be a string that is not empty, or an object';
}

/** Accepts non-empty text. */
export function emptyProblem(value: string): string | undefined {
  return value === '' ? 'must not be empty' : undefined;
}
