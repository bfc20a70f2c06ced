// What Windows does otherwise is decided here.
const isWindows = process.platform === 'win32';

/**
 * Unix sockets are files: they lie in a directory, have a mode, and stay when their process is killed. Named pipes, which
 * take their place on Windows, do none of that.
 */
export const socketsAreFiles = !isWindows;

/** What the name of a named pipe begins with. */
export const pipePrefix = '\\\\.\\pipe\\';

/** Whether a process can become another user. */
export const hasUsers = !isWindows;

/** Whether there are SIGHUP and SIGUSR2. */
export const hasSignalsForOrders = !isWindows;
