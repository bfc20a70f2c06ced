import type { StoredValue } from '../values.js';

/** Options of commands that can return a value. */
export interface ValueOptions {
  /** Answer with the value: what stands there afterwards, or what was removed. @default false */
  readonly getValue?: boolean;
}

/** `true` stands for `{ getValue: true }` and anything falsy for none, as in the original. */
export function valueOptions<Options extends ValueOptions>(
  options: Options | boolean | null | undefined,
): Options | ValueOptions | undefined {
  if (options === true) return { getValue: true };
  return options === false || options === null ? undefined : options;
}

export const storedTrue: StoredValue = 'true';
export const storedFalse: StoredValue = 'false';
