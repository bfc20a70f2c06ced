// Runs seeds of the simulation and prints every fault with its seed.
//
//   node simulate.mjs [--seeds 1000] [--from 1] [--fault forgets] [--jobs 2] [--verbose]
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    fault: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const count = Number(values.seeds);
const from = Number(values.from);
const jobs = Math.min(Number(values.jobs), count);
const program = fileURLToPath(new URL('./simulate-seeds.mjs', import.meta.url));
const total = {
  seeds: 0,
  tasks: 0,
  failed: 0,
  deliveries: 0,
  recoveries: 0,
  failedRecoveries: 0,
  signalled: 0,
  attempts: 0,
};

let next = from;
/** Seeds that a job takes at a time. */
const portion = 10;

await Promise.all(
  Array.from(
    { length: jobs },
    () =>
      new Promise((resolve) => {
        const child = fork(program, [JSON.stringify({ fault: values.fault, isVerbose: values.verbose })]);
        const give = () => {
          const seeds = [];
          while (seeds.length < portion && next < from + count) seeds.push(next++);
          if (seeds.length === 0) child.disconnect();
          else child.send(seeds);
        };
        child.on('message', (results) => {
          for (const result of results) {
            total.seeds++;
            for (const name of Object.keys(total)) total[name] += result[name] ?? 0;
            if (result.failure === undefined) continue;
            total.failed++;
            console.log(`Seed ${result.seed} ${JSON.stringify(result.settings ?? {})}\n${result.failure}\n`);
          }
          give();
        });
        child.on('exit', (code) => {
          if (code !== 0) {
            total.failed++;
            console.log(`A job has ended with exit code ${code}`);
          }
          resolve();
        });
        give();
      }),
  ),
);
console.log(JSON.stringify(total));
process.exitCode = total.failed > 0 || total.seeds < count ? 1 : 0;
