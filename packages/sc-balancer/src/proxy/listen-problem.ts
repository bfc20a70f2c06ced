/** Describes why listening on a port failed. */
export function listenProblem(port: number, cause: Error): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another process`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user`;
  return `Cannot listen on port ${port}: ${cause.message}`;
}
