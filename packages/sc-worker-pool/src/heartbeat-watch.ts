/** A member whose signs of life are watched. */
interface Watched {
  readonly state: string;
  /** When it last said anything, in milliseconds of the watch's clock. */
  readonly heardAt: number;
}

/** Looks at every member now and then and names those that are ready but have been silent for too long. */
export function startHeartbeatWatch<M extends Watched>(options: {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly members: () => readonly M[];
  readonly onSilent: (member: M, silentMs: number) => void;
}): () => void {
  const { intervalMs, timeoutMs, now, members, onSilent } = options;
  let lookedAt = now();
  const timer = setInterval(() => {
    const before = lookedAt;
    lookedAt = now();
    // This process itself was held up: what the members said meanwhile is still to be read.
    if (lookedAt - before > 2 * intervalMs) return;
    for (const member of members()) {
      const silentMs = lookedAt - member.heardAt;
      if (member.state === 'ready' && silentMs > timeoutMs) onSilent(member, silentMs);
    }
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
