/** Runs every action, even if some throw. Collects the exceptions in `failures`. */
export function runAll(actions: readonly (() => void)[], failures: unknown[]): void {
  for (const act of actions) {
    try {
      act();
    } catch (error) {
      failures.push(error);
    }
  }
}
