interface Recent {
  readonly id: string;
  readonly subject: string;
  readonly at: number;
  readonly act: (socket: never) => void;
}

/** Milliseconds for which orders are kept: longer than their delivery to another process takes. */
const keptMs = 10_000;
const maxKept = 10_000;

/**
 * Recent orders about users and sessions that this process has carried out. A socket that moves while an order is in
 * flight may be in no process when each carries it out. The next process therefore applies the orders that the previous
 * one had not carried out, and skips the others.
 */
export class RecentOrders {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #kept = new Map<string, Recent>();
  readonly #bySubject = new Map<string, Set<Recent>>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Records an order that this process carries out for all sockets of the subject. */
  note<Socket>(id: string, subject: string, act: (socket: Socket) => void): void {
    const recent: Recent = { id, subject, at: this.#now(), act };
    this.#kept.set(id, recent);
    const ofSubject = this.#bySubject.get(subject);
    if (ofSubject === undefined) this.#bySubject.set(subject, new Set([recent]));
    else ofSubject.add(recent);
    for (const oldest of this.#kept.values()) {
      if (this.#kept.size <= maxKept && recent.at - oldest.at < keptMs) break;
      this.#drop(oldest);
    }
  }

  /** The ids of recent orders about any of the subjects. */
  idsOf(subjects: readonly string[]): string[] {
    return this.#of(subjects).map(({ id }) => id);
  }

  /** Applies recent orders to a socket that moved here, except those that the previous process had carried out. */
  makeUp(socket: object, subjects: readonly string[], carriedOut: ReadonlySet<string>): void {
    for (const { id, act } of this.#of(subjects)) if (!carriedOut.has(id)) act(socket as never);
  }

  #of(subjects: readonly string[]): Recent[] {
    const oldest = this.#now() - keptMs;
    return subjects.flatMap((subject) => [...(this.#bySubject.get(subject) ?? [])].filter(({ at }) => at >= oldest));
  }

  #drop(recent: Recent): void {
    this.#kept.delete(recent.id);
    const ofSubject = this.#bySubject.get(recent.subject);
    ofSubject?.delete(recent);
    if (ofSubject?.size === 0) this.#bySubject.delete(recent.subject);
  }
}
