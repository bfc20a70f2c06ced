import { InvalidActionError } from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import { isRunByNodemon } from './host/nodemon.js';
import { hasSignalsForOrders } from './host/platform.js';

export interface SignalHandlers {
  close(): Promise<void>;
  killAll(): void;
  reload(): Promise<void>;
  /** Reads keys and certificates again. */
  reloadTls(): void;
}

/**
 * SIGTERM and SIGINT close the cluster and exit with 0; a second signal exits at once with 1. SIGUSR2 reloads the
 * workers, unless disabled, and SIGHUP reads the TLS options again. Under nodemon SIGUSR2 closes the cluster, because
 * nodemon waits for the exit. Returns a function that removes the listeners.
 */
export function handleSignals(logger: Logger, handlers: SignalHandlers, rebootOnSignal: boolean): () => void {
  let isClosing = false;
  const onStop = (signal: NodeJS.Signals) => {
    if (isClosing) {
      handlers.killAll();
      process.exit(1);
    }
    isClosing = true;
    logger.info(`Closing on ${signal}`);
    void handlers.close().then(() => exitUnlessHandled(signal));
  };
  const onReload = async () => {
    if (await isRunByNodemon()) {
      if (!isClosing) onStop('SIGUSR2');
      return;
    }
    await handlers.reload().catch(logRefusal);
  };
  // A failed reload has already been logged.
  const logRefusal = (error: unknown) => {
    if (error instanceof InvalidActionError) logger.warn(`SIGUSR2 was ignored: ${error.message}`);
  };
  const listeners: [NodeJS.Signals, (signal: NodeJS.Signals) => void][] = [
    ['SIGTERM', onStop],
    ['SIGINT', onStop],
  ];
  if (hasSignalsForOrders) {
    if (rebootOnSignal) listeners.push(['SIGUSR2', () => void onReload()]);
    listeners.push(['SIGHUP', () => handlers.reloadTls()]);
  }
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

/**
 * Exits unless another cluster of this process, which may still be closing, or the application listens for the signal.
 */
export function exitUnlessHandled(signal: NodeJS.Signals = 'SIGTERM'): void {
  if (process.listenerCount(signal) === 0) process.exit();
}
