/** For an error that no listener takes: it must not vanish. */
export function warnProcess(error: Error): void {
  // As text, because an error of another realm is no error to `emitWarning`.
  process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
}
