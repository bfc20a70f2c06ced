import { monotonicMs } from 'sc-balancer';

/** A process that can become leader. */
export interface Candidate {
  readonly id: number;
  readonly generation: number;
}

export interface LeadershipRules<Member extends Candidate> {
  /** Sends a worker the end of its lease, by the host's monotonic clock; 0 revokes the lease. */
  readonly send: (member: Member, until: number) => void;
  /** How long a worker may lead before it becomes ready, in milliseconds. */
  readonly startMs: number;
  /** The host's monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/** Duration of a lease: the longest time without a leader if the leader hangs. */
export const leaseMs = 3_000;
export const renewMs = 1_000;

interface Lease<Member> {
  readonly key: string;
  /** `undefined` while the process starts. */
  member: Member | undefined;
  /** The worker may consider itself the leader until this time. */
  until: number;
  /** The worker has acknowledged the last message. Otherwise its lease is not renewed. */
  isAcknowledged: boolean;
  isRevoked: boolean;
}

/**
 * Elects at most one leader among the workers. Leadership is a lease that the supervisor renews; another worker gets it
 * only when the previous leader has given it back, has exited, or its lease has expired by the clock that both share.
 */
export class Leadership<Member extends Candidate> {
  readonly #rules: LeadershipRules<Member>;
  readonly #now: () => number;
  readonly #candidates = new Map<string, Member>();
  /** Candidates whose lease expired and that have not replied since. */
  readonly #silent = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #lease: Lease<Member> | undefined;

  constructor(rules: LeadershipRules<Member>) {
    this.#rules = rules;
    this.#now = rules.now ?? monotonicMs;
    this.#timer = setInterval(() => this.tick(), renewMs).unref();
  }

  /** Id of the worker that leads or is about to. */
  get leader(): number | undefined {
    return this.#lease?.member?.id;
  }

  /**
   * Call this when a process starts. The first one leads from its start, so that its controller already finds
   * `isLeader` true. Returns the end of the lease, or 0.
   */
  starting(candidate: Candidate): number {
    if (this.#lease !== undefined || this.#candidates.size > 0) return 0;
    const until = this.#now() + this.#rules.startMs;
    this.#lease = { key: keyOf(candidate), member: undefined, until, isAcknowledged: true, isRevoked: false };
    return until;
  }

  /** Adds a ready process. */
  add(member: Member): void {
    this.#candidates.set(keyOf(member), member);
    const lease = this.#lease;
    if (lease?.key === keyOf(member)) {
      lease.member = member;
      this.#renew(lease, member);
    } else {
      this.#elect();
    }
  }

  /** Revokes the leadership of a process that is stopping. */
  withdraw(member: Member): void {
    this.#candidates.delete(keyOf(member));
    const lease = this.#lease;
    if (lease?.key !== keyOf(member) || lease.isRevoked) return;
    lease.isRevoked = true;
    this.#rules.send(member, 0);
  }

  /** Removes a process that has exited. */
  remove(candidate: Candidate): void {
    const key = keyOf(candidate);
    this.#candidates.delete(key);
    this.#silent.delete(key);
    if (this.#lease?.key === key) this.#lease = undefined;
    this.#elect();
  }

  /** Records that a worker has acknowledged a lease until `until`, or its revocation (0). */
  acknowledged(member: Member, until: number): void {
    const key = keyOf(member);
    this.#silent.delete(key);
    const lease = this.#lease;
    if (lease?.key === key) {
      if (lease.isRevoked && until === 0) this.#lease = undefined;
      else if (until === lease.until) lease.isAcknowledged = true;
    }
    this.#elect();
  }

  /** Renews the lease, or elects another leader if the lease has expired. Called by a timer. */
  tick(): void {
    const lease = this.#lease;
    if (lease === undefined) this.#elect();
    else if (lease.member !== undefined && lease.isAcknowledged && !lease.isRevoked) {
      this.#renew(lease, lease.member);
    } else if (this.#now() > lease.until) {
      this.#silent.add(lease.key);
      this.#lease = undefined;
      this.#elect();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Prefers the lowest id and then the newest generation: a reload replaces a leader by the process with the same id,
   * so that the leadership moves only once.
   */
  #elect(): void {
    if (this.#lease !== undefined) return;
    const able = [...this.#candidates].filter(([key]) => !this.#silent.has(key));
    const [first] = able.sort(([, a], [, b]) => a.id - b.id || b.generation - a.generation);
    if (first === undefined) return;
    const [key, member] = first;
    this.#lease = { key, member, until: 0, isAcknowledged: true, isRevoked: false };
    this.#renew(this.#lease, member);
  }

  #renew(lease: Lease<Member>, member: Member): void {
    lease.until = Math.max(lease.until, this.#now() + leaseMs);
    lease.isAcknowledged = false;
    this.#rules.send(member, lease.until);
  }
}

function keyOf({ id, generation }: Candidate): string {
  return `${id}-${generation}`;
}
