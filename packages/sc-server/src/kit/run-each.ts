/** Runs a function for each item, even after one has failed. Then throws the first error. */
export function runEach<Item>(items: readonly Item[], run: (item: Item) => void): void {
  let failed: { readonly error: unknown } | undefined;
  for (const item of items) {
    try {
      run(item);
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}
