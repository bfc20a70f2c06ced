// Replaces what a store does with its log by a disk that takes its time in virtual time, and forgets what was not flushed
// when the power fails. Imported before the code under test. The files themselves are real.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { activeScheduler } from './globals.mjs';

const real = {
  openSync: fs.openSync,
  closeSync: fs.closeSync,
  writeSync: fs.writeSync,
  fsyncSync: fs.fsyncSync,
  write: fs.write,
  fdatasync: fs.fdatasync,
  ftruncate: fs.ftruncate,
  close: fs.close,
  open: promises.open,
};

/** Open files of simulated processes, by descriptor. */
const files = new Map();

function track(fd, path) {
  const scheduler = activeScheduler();
  if (scheduler === undefined) return;
  const { current: owner } = scheduler;
  files.set(fd, { path: String(path), owner, bytes: 0, syncedBytes: 0, writing: undefined });
}

/** Does something after the time that a disk takes, in the process that asked for it. */
function later(run, done) {
  const scheduler = activeScheduler();
  scheduler.schedule(scheduler.between(0.05, scheduler.random() < 0.05 ? 50 : 2), () => {
    let result;
    try {
      result = run();
    } catch (error) {
      done(error);
      return;
    }
    done(null, result);
  });
}

fs.openSync = (path, ...args) => {
  const fd = real.openSync(path, ...args);
  track(fd, path);
  return fd;
};
fs.closeSync = (fd) => {
  files.delete(fd);
  real.closeSync(fd);
};
fs.writeSync = (fd, ...args) => {
  const written = real.writeSync(fd, ...args);
  const file = files.get(fd);
  if (file !== undefined) file.bytes = fs.fstatSync(fd).size;
  return written;
};
fs.fsyncSync = (fd) => {
  const file = files.get(fd);
  if (file === undefined) real.fsyncSync(fd);
  else file.syncedBytes = file.bytes;
};
fs.write = (fd, ...args) => {
  const done = args.pop();
  const file = files.get(fd);
  if (file === undefined) {
    real.write(fd, ...args, done);
    return;
  }
  const [bytes] = args;
  const apply = (length) => {
    file.writing = undefined;
    const [offset = 0, count = Buffer.byteLength(bytes), place] =
      typeof bytes === 'string' ? [0, undefined, args[1]] : args.slice(1);
    const written =
      typeof bytes === 'string'
        ? real.writeSync(fd, bytes, place)
        : real.writeSync(fd, bytes, offset, Math.min(count, length), place);
    file.bytes = Math.max(file.bytes, fs.fstatSync(fd).size);
    return written;
  };
  file.writing = { apply, length: typeof bytes === 'string' ? Infinity : args[2] };
  later(
    () => apply(Infinity),
    (error, written) => done(error, written, bytes),
  );
};
fs.write[promisify.custom] = (fd, ...args) =>
  new Promise((resolve, reject) => {
    fs.write(fd, ...args, (error, bytesWritten, buffer) => {
      if (error === null) resolve({ bytesWritten, buffer });
      else reject(error);
    });
  });
fs.fdatasync = (fd, done) => {
  const file = files.get(fd);
  if (file === undefined) {
    real.fdatasync(fd, done);
    return;
  }
  const { bytes } = file;
  later(() => {
    file.syncedBytes = Math.max(file.syncedBytes, bytes);
  }, done);
};
fs.ftruncate = (fd, length, done) => {
  if (files.has(fd)) later(() => fs.ftruncateSync(fd, length), done);
  else real.ftruncate(fd, length, done);
};
fs.close = (fd, done) => {
  if (files.has(fd)) later(() => fs.closeSync(fd), done);
  else real.close(fd, done);
};

const step = (run) =>
  new Promise((resolve, reject) => {
    later(run, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
promises.open = async (path, ...args) => {
  if (activeScheduler() === undefined) return real.open(path, ...args);
  const fd = fs.openSync(path, ...args);
  return {
    writeFile: (bytes) => step(() => fs.writeSync(fd, bytes)),
    sync: () => step(() => fs.fsyncSync(fd)),
    close: () => step(() => fs.closeSync(fd)),
  };
};
promises.rename = (from, to) => step(() => fs.renameSync(from, to));
promises.rm = (path, options) => step(() => fs.rmSync(path, options));
syncBuiltinESMExports();

/**
 * The process has been killed, or the power has failed, which takes bytes that were not flushed. A write that is under way
 * has reached the disk in part, wholly or not at all. Returns how many bytes of written logs are gone.
 */
export function abandonFiles(owner, folder, isPowerLoss) {
  const { random } = activeScheduler();
  let lost = 0;
  for (const [fd, file] of files) {
    if (file.owner !== owner) continue;
    if (file.writing !== undefined && random() < 0.7) {
      const { apply, length } = file.writing;
      apply(random() < 0.5 || length === Infinity ? Infinity : Math.floor(random() * length));
    }
    if (isPowerLoss && file.path.includes('log-') && file.bytes > file.syncedBytes) {
      const bytes = file.syncedBytes + Math.floor(random() * (file.bytes - file.syncedBytes));
      lost += file.bytes - bytes;
      fs.ftruncateSync(fd, bytes);
    }
    fs.closeSync(fd);
  }
  // The process that it names is this program, which goes on.
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    if (name.startsWith('lock')) fs.rmSync(join(folder, name), { force: true });
  }
  return lost;
}
