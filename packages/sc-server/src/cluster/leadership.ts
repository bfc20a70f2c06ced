import { monotonicMs } from 'sc-balancer';

/** A process that may lead. */
export interface Candidate {
  readonly id: number;
  readonly generation: number;
}

export interface LeadershipRules<Member extends Candidate> {
  /** Tells a worker until when it leads, by the host's monotonic clock; 0 takes the lead away. */
  readonly send: (member: Member, until: number) => void;
  /** How long a worker that has not yet become ready may lead, in milliseconds. */
  readonly startMs: number;
  /** The host's monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/** How long one lease lasts: the longest time without a leader when it stands still. */
export const leaseMs = 3_000;
export const renewMs = 1_000;

interface Lease<Member> {
  readonly key: string;
  /** `undefined` while the process starts. */
  member: Member | undefined;
  /** The worker may believe until then that it leads. */
  until: number;
  /** The worker has answered the last message. One that has not gets no more time. */
  isAcknowledged: boolean;
  isRevoked: boolean;
}

/**
 * Lets at most one worker lead. The lead is a lease that the supervisor renews; another worker gets it only when the one
 * before has given it back, has exited, or its lease has run out by the clock that both share.
 */
export class Leadership<Member extends Candidate> {
  readonly #rules: LeadershipRules<Member>;
  readonly #now: () => number;
  readonly #candidates = new Map<string, Member>();
  /** Candidates that let a lease run out and have not answered since. */
  readonly #silent = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #lease: Lease<Member> | undefined;

  constructor(rules: LeadershipRules<Member>) {
    this.#rules = rules;
    this.#now = rules.now ?? monotonicMs;
    this.#timer = setInterval(() => this.tick(), renewMs).unref();
  }

  /** The worker that leads or is about to. */
  get leader(): number | undefined {
    return this.#lease?.member?.id;
  }

  /** A process starts. The first one leads from its start, so that its controller finds it so. Returns until when. */
  starting(candidate: Candidate): number {
    if (this.#lease !== undefined || this.#candidates.size > 0) return 0;
    const until = this.#now() + this.#rules.startMs;
    this.#lease = { key: keyOf(candidate), member: undefined, until, isAcknowledged: true, isRevoked: false };
    return until;
  }

  /** A process is ready. */
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

  /** A process was told to stop. */
  withdraw(member: Member): void {
    this.#candidates.delete(keyOf(member));
    const lease = this.#lease;
    if (lease?.key !== keyOf(member) || lease.isRevoked) return;
    lease.isRevoked = true;
    this.#rules.send(member, 0);
  }

  /** A process has exited. */
  remove(candidate: Candidate): void {
    const key = keyOf(candidate);
    this.#candidates.delete(key);
    this.#silent.delete(key);
    if (this.#lease?.key === key) this.#lease = undefined;
    this.#elect();
  }

  /** A worker has answered: it knows that it leads until then, or not any more. */
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

  /** Renews the lease, or finds that it has run out. Called by a timer. */
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

  /** A reload replaces the leader by the process with the same id, so that the lead moves once. */
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
