/** Called with the error, or with `null` and the value. A promise is returned all the same. */
export type Callback<T> = (error: Error | null, value?: T) => void;
