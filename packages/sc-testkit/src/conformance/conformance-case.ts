/** One requirement for an implementation. */
export interface ConformanceCase<Target> {
  /** A sentence in the present: "answers the handshake". */
  readonly name: string;
  /** Rejects if the target fails the requirement. Always closes what it opened. */
  run(target: Target): Promise<void>;
}
