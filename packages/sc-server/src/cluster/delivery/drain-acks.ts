interface Farewell<Balancer> {
  readonly revision: number;
  /** Those who may still send connections to the worker. */
  readonly unaware: Set<Balancer>;
}

/** Finds out when no balancer sends connections to a worker any more, so that it can stop to listen. */
export class Farewells<Worker, Balancer> {
  readonly #onUnreachable: (worker: Worker) => void;
  readonly #farewells = new Map<Worker, Farewell<Balancer>>();

  constructor(onUnreachable: (worker: Worker) => void) {
    this.#onUnreachable = onUnreachable;
  }

  /** The balancers have been told the targets of this revision, of which the worker is none. */
  begin(worker: Worker, revision: number, balancers: readonly Balancer[]): void {
    this.#farewells.set(worker, { revision, unaware: new Set(balancers) });
    this.#settle();
  }

  /** A balancer knows the targets of this revision. */
  heard(balancer: Balancer, revision: number): void {
    for (const farewell of this.#farewells.values()) {
      if (revision >= farewell.revision) farewell.unaware.delete(balancer);
    }
    this.#settle();
  }

  /** A balancer has ended. */
  gone(balancer: Balancer): void {
    this.heard(balancer, Infinity);
  }

  /** The worker has ended. */
  forget(worker: Worker): void {
    this.#farewells.delete(worker);
  }

  #settle(): void {
    for (const [worker, { unaware }] of this.#farewells) {
      if (unaware.size > 0) continue;
      this.#farewells.delete(worker);
      this.#onUnreachable(worker);
    }
  }
}
