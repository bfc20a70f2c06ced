// All platform differences of Windows are defined in this file.
const isWindows = process.platform === 'win32';

/**
 * Whether sockets are files: unix sockets are in a directory, have a mode, and remain when their process is killed. The
 * named pipes of Windows have none of these properties.
 */
export const socketsAreFiles = !isWindows;

/** Name prefix of named pipes. */
export const pipePrefix = '\\\\.\\pipe\\';

/** Whether a process can become another user. */
export const hasUsers = !isWindows;

/** Whether SIGHUP and SIGUSR2 are available. */
export const hasSignalsForOrders = !isWindows;
