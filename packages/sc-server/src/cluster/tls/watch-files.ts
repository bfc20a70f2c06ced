import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Polling interval in milliseconds. Polling works on every file system and through links, unlike notifications. */
const intervalMs = 500;

/**
 * Calls back when any of the files has changed and then been stable for one interval: a key and its certificate are
 * rarely written at the same instant. Returns a function that stops.
 */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  if (files.length === 0) return () => undefined;
  let told = files.map(signNow).join('\n');
  let seen = told;
  let isStopped = false;
  let timer = setTimeout(() => void look(), intervalMs).unref();

  async function look(): Promise<void> {
    const now = (await Promise.all(files.map(sign))).join('\n');
    if (isStopped) return;
    const standsStill = now === seen;
    seen = now;
    // Schedule the next poll only after this one, so that polls do not pile up on a file system that hangs.
    timer = setTimeout(() => void look(), intervalMs).unref();
    if (!standsStill || now === told) return;
    told = now;
    onChange();
  }

  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

interface Facts {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

const missing = 'missing';
const signature = ({ ino, size, mtimeMs }: Facts): string => `${ino} ${size} ${mtimeMs}`;

function signNow(file: string): string {
  try {
    return signature(statSync(file));
  } catch {
    return missing;
  }
}

async function sign(file: string): Promise<string> {
  return stat(file).then(signature, () => missing);
}
