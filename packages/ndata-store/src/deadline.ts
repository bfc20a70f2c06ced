/**
 * Calls `onDue` once, at `dueAt` (`performance.now()`) or later. Timers run before the poll phase: after this process
 * was blocked, the response may have arrived unread, or the request may only be sent now. The timer is therefore
 * extended once by its own delay, at most `graceMs`, and pending input is read before `onDue` runs. Returns a function
 * that cancels it. With `keepsAlive: false` the timer does not keep the process running.
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
