import { StartError } from 'sc-protocol';

/** Converts any cause into one clear error for the user who starts the cluster. */
export function explainStartFailure(cause: unknown, port: number): StartError {
  const root = rootCause(cause);
  const { code } = root as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EADDRINUSE' ? 'it is in use already' : 'this user may not listen on it';
    return new StartError(`The cluster could not listen on port ${port}: ${why}`, { port }, { cause });
  }
  // Our own errors have a complete message.
  if ((root as { code?: unknown }).code === 'SC_START') {
    return new StartError(`The cluster could not start: ${(root as Error).message}`, undefined, { cause });
  }
  const summary = root instanceof Error ? `${root.name}: ${root.message}` : String(root);
  return new StartError(`The cluster could not start: ${summary}${firstUserFrame(root)}`, undefined, { cause });
}

function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined && current.cause !== null) current = current.cause;
  return current;
}

/** Returns the location of the error in the user's code, as file and line, or an empty string. Skips our own frames. */
function firstUserFrame(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return '';
  const lines = error.stack.split('\n');
  // The first line of a syntax error is its location: file:line.
  const syntax = /^(?:file:\/\/)?(\/.*|[A-Za-z]:\\.*):(\d+)$/.exec(lines[0] ?? '');
  if (syntax !== null) return ` (${syntax[1]}:${syntax[2]})`;
  for (const line of lines) {
    const frame = /(?:\(|at (?:async )?)(?:file:\/\/)?((?:\/|[A-Za-z]:\\)[^()]*):(\d+):\d+\)?$/.exec(line);
    if (frame !== null && !isOurs(frame[1] ?? '')) return ` (${frame[1]}:${frame[2]})`;
  }
  return '';
}

function isOurs(path: string): boolean {
  return /[\\/]node_modules[\\/]|[\\/](?:sc-[a-z-]+|ndata-store)[\\/]dist[\\/]/.test(path);
}
