// Platform differences of Windows are decided in this file.
const isWindows = process.platform === 'win32';

/**
 * Unix sockets are files: they lie in a directory, have a mode, and stay when their process is killed. Named pipes, which
 * take their place on Windows, do none of that.
 */
export const socketsAreFiles = !isWindows;

/** Prefix of the name of a named pipe. */
export const pipePrefix = '\\\\.\\pipe\\';

/** Whether a process can become another user. */
export const hasUsers = !isWindows;

/** Whether there are SIGHUP and SIGUSR2. */
export const hasSignalsForOrders = !isWindows;
