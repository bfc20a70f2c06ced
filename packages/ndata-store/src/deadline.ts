/**
 * Calls back once, at `dueAt` of `performance.now()` or later. Timers run before input is read: after this process was busy, the
 * answer may be here already, or the question may leave only now. So what has arrived is read first, and the time by which
 * the timer was late is given once more, at most `graceMs`. Returns a function that calls it off. With `keepsAlive: false` the
 * timer does not keep the process running.
 */
export function onDeadline(dueAt: number, graceMs: number, onDue: () => void, keepsAlive = true): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const readFirst = (): void => {
    immediate = setImmediate(onDue);
  };
  let timer = setTimeout(
    () => {
      const lateMs = performance.now() - dueAt;
      timer = setTimeout(readFirst, Math.max(1, Math.min(lateMs, graceMs)));
      if (!keepsAlive) timer.unref();
    },
    Math.max(1, dueAt - performance.now()),
  );
  if (!keepsAlive) timer.unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
