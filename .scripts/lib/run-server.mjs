import { spawn } from 'node:child_process';

/** A terminal and npm may both forward the same Ctrl-C. A signal that arrives later than this is a new one. */
const sameSignalMs = 300;
const stopDeadlineMs = 20_000;

/**
 * Runs a server in the foreground until it exits or a signal arrives. The server gets its own process group, so that
 * each signal reaches it once and no process of the group outlives it. Resolves with the exit code.
 */
export function runServer(file, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: 'inherit', detached: true, ...options });
    let lastSignalAt;
    let timer;
    const stop = (signal) => {
      const now = performance.now();
      const isRepeated = lastSignalAt !== undefined && now - lastSignalAt < sameSignalMs;
      if (!isRepeated) child.kill(signal);
      lastSignalAt = now;
      timer ??= setTimeout(() => killGroup(child.pid), stopDeadlineMs);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, stop);
    const finish = (code) => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, stop);
      killGroup(child.pid);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`Cannot start ${file}: ${error.message}`);
      finish(1);
    });
    child.on('exit', (code, signal) => finish(lastSignalAt !== undefined && (code === 0 || signal) ? 0 : (code ?? 1)));
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process group is gone already.
  }
}
