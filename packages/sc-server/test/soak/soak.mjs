// The soak: a cluster under clients that come and go, and the memory of every process of it, sampled and drawn.
//
//   node test/soak/soak.mjs --seconds 1800 --warmup 300 --clients 100 --churn 15 --out ../../docs
//
// Writes soak.svg and soak.json to the directory `--out`. Ends with 1 when a process died or, after the warm-up, grew
// by more than 1 MB in 10 minutes.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificate, startProcess, tempDir } from 'sc-testkit';
import { plot } from './plot.mjs';
import { slopeOf } from './slope.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    warmup: { type: 'string', default: '300' },
    clients: { type: 'string', default: '100' },
    churn: { type: 'string', default: '15' },
    interval: { type: 'string', default: '5' },
    out: { type: 'string', default: '.' },
  },
});
const seconds = Number(values.seconds);
const warmupSeconds = Number(values.warmup);
const intervalSeconds = Number(values.interval);
const most = 1;

const directory = tempDir();
const { keyFile, certFile } = makeCertificate(directory.path);
const cluster = await startProcess(file('cluster.mjs'), { args: [keyFile, certFile] });
const { port, supervisor, balancers, workers, stores } = cluster.ready;
const processes = [
  { name: 'supervisor', pid: supervisor.pid },
  ...[...balancers.map(named('balancer')), ...workers.map(named('worker')), ...stores.map(named('store'))],
].map((one) => ({ ...one, samples: [] }));

const load = spawn(process.execPath, [file('load.mjs'), String(port), values.clients, values.churn], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let done = {};
load.stdout.setEncoding('utf8').on('data', (text) => {
  const lines = text.trim().split('\n');
  done = JSON.parse(lines[lines.length - 1]);
});

let failure;
const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 1000;
try {
  for (let at = 0; at <= seconds; at += intervalSeconds) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (at - elapsed()) * 1000)));
    for (const { pid, samples } of processes) samples.push([Math.round(elapsed() * 10) / 10, rssOf(pid)]);
    if (at % 60 < intervalSeconds) console.log(`${Math.round(at / 60)} min: ${megabytesNow()} ${JSON.stringify(done)}`);
  }
} catch (error) {
  failure = `a process is gone: ${error.message}\n${cluster.output()}`;
} finally {
  load.kill('SIGTERM');
  await cluster.stop();
  load.kill('SIGKILL');
  directory.remove();
}

const series = processes.map(({ name, samples }) => ({
  name,
  slope: slopeOf(samples.filter(([time]) => time >= warmupSeconds)),
  samples,
}));
mkdirSync(values.out, { recursive: true });
const title = `${values.clients} clients over TLS, ${Math.round(1000 / Number(values.churn))} a second replaced, for ${Math.round(seconds / 6) / 10} minutes`;
writeFileSync(join(values.out, 'soak.svg'), plot(series, { title, warmupSeconds }));
const figures = series.map(({ name, slope, samples }) => ({
  name,
  megabytesInTenMinutes: Math.round(slope * 100) / 100,
  firstMegabytes: Math.round(samples[0][1] / 1e5) / 10,
  lastMegabytes: Math.round(samples[samples.length - 1][1] / 1e5) / 10,
}));
const report = { seconds, warmupSeconds, done, processes: figures };
writeFileSync(join(values.out, 'soak.json'), `${JSON.stringify(report, undefined, 2)}\n`);
console.log(JSON.stringify(report));
const growing = series.filter(({ slope }) => slope > most).map(({ name }) => name);
if (growing.length > 0) failure ??= `more than ${most} MB in 10 minutes: ${growing.join(', ')}`;
if (failure !== undefined) {
  console.error(failure);
  process.exitCode = 1;
}

function megabytesNow() {
  return processes.map(({ name, samples }) => `${name} ${Math.round(samples.at(-1)[1] / 1e5) / 10} MB`).join(', ');
}

function rssOf(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function named(role) {
  return ({ id, pid }) => ({ name: `${role} ${id}`, pid });
}

function file(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
