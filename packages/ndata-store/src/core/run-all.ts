/** Runs every action; one that throws keeps none from running. */
export function runAll(actions: readonly (() => void)[], failures: unknown[]): void {
  for (const act of actions) {
    try {
      act();
    } catch (error) {
      failures.push(error);
    }
  }
}
