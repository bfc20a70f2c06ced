import type { Logger } from '../log/logger.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * The first SIGTERM or SIGINT closes the cluster and ends the process with 0; a second one ends it at once with 1.
 * Returns a function that stops listening.
 */
export function stopOnSignals(logger: Logger, close: () => Promise<void>, killAll: () => void): () => void {
  let isClosing = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isClosing) {
      killAll();
      process.exit(1);
    }
    isClosing = true;
    logger.info(`Closing on ${signal}`);
    void close().then(() => {
      // Another cluster of this process may still be closing, and the application may have its own plans.
      if (process.listenerCount(signal) === 0) process.exit();
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
