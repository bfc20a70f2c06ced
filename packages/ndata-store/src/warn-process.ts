/** Emits a process warning for an error without a listener, so that it is not lost. */
export function warnProcess(error: Error): void {
  // Pass text, because `emitWarning` does not accept an error of another realm.
  process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
}
