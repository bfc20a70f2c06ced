interface Recent {
  readonly id: string;
  readonly subject: string;
  readonly at: number;
  readonly act: (socket: never) => void;
}

/** Longer than an order takes to reach another process. */
const keptMs = 10_000;
const maxKept = 10_000;

/**
 * The orders about users and sessions that this process has carried out lately. A socket that moves while an order is under
 * way may be in no process when each carries it out: the next process makes up for the orders that the one before had not
 * carried out, and skips those that it had.
 */
export class RecentOrders {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #kept = new Map<string, Recent>();
  readonly #bySubject = new Map<string, Set<Recent>>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** This process carries out an order about all sockets of the subject. */
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

  /** The orders about any of the subjects. */
  idsOf(subjects: readonly string[]): string[] {
    return this.#of(subjects).map(({ id }) => id);
  }

  /** Carries out, for a socket that came from another process, the orders that are not among those carried out there. */
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
