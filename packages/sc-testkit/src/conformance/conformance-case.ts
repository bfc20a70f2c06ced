/** One thing that an implementation must do. */
export interface ConformanceCase<Target> {
  /** A sentence in the present: "answers the handshake". */
  readonly name: string;
  /** Rejects when the target does not do it. Closes what it opened, whatever happens. */
  run(target: Target): Promise<void>;
}
