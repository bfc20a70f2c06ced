interface Farewell<Balancer> {
  readonly revision: number;
  /** Balancers that may still send connections to the worker. */
  readonly unaware: Set<Balancer>;
}

/** Detects when no balancer sends connections to a worker any more, so that the worker can close its listener. */
export class Farewells<Worker, Balancer> {
  readonly #onUnreachable: (worker: Worker) => void;
  readonly #farewells = new Map<Worker, Farewell<Balancer>>();

  constructor(onUnreachable: (worker: Worker) => void) {
    this.#onUnreachable = onUnreachable;
  }

  /** Begins to wait for the balancers, after they were sent targets of this revision without the worker. */
  begin(worker: Worker, revision: number, balancers: readonly Balancer[]): void {
    this.#farewells.set(worker, { revision, unaware: new Set(balancers) });
    this.#settle();
  }

  /** Records that a balancer has acknowledged the targets of this revision. */
  heard(balancer: Balancer, revision: number): void {
    for (const farewell of this.#farewells.values()) {
      if (revision >= farewell.revision) farewell.unaware.delete(balancer);
    }
    this.#settle();
  }

  /** Removes a balancer that has exited. */
  gone(balancer: Balancer): void {
    this.heard(balancer, Infinity);
  }

  /** Removes a worker that has exited. */
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
