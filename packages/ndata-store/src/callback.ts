/** Called with the error, or with `null` and the value. The command returns a promise as well. */
export type Callback<T> = (error: Error | null, value?: T) => void;
