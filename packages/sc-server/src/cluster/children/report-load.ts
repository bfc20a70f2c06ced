import type { Load, LoadMessage } from './messages.js';

const reportIntervalMs = 1_000;

/** Reports what this process has to do, when that has changed. Returns a function that stops it. */
export function reportLoad(measure: () => Load, send: (message: LoadMessage) => void): () => void {
  let reported = '';
  const timer = setInterval(() => {
    const load = measure();
    const text = JSON.stringify(load);
    if (text === reported) return;
    reported = text;
    send({ type: 'load', load });
  }, reportIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
