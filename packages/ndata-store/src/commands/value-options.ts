import type { StoredValue } from '../values.js';

/** Options of commands that can return a value. */
export interface ValueOptions {
  /** Resolve with the value: the resulting value, or the removed one. @default false */
  readonly getValue?: boolean;
}

/** `true` means `{ getValue: true }`; any falsy value means no options, as in the original. */
export function valueOptions<Options extends ValueOptions>(
  options: Options | boolean | null | undefined,
): Options | ValueOptions | undefined {
  if (options === true) return { getValue: true };
  return options === false || options === null ? undefined : options;
}

export const storedTrue: StoredValue = 'true';
export const storedFalse: StoredValue = 'false';
