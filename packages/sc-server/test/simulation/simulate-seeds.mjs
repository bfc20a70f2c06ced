// A job of `simulate.mjs`: runs the seeds that it is sent.
import './globals.mjs';
import './disk.mjs';
import './network.mjs';

// After the replacements.
const loaded = Promise.all([import('./run.mjs'), import('sc-protocol/history')]);
const options = JSON.parse(process.argv[2] ?? '{}');

async function resultOf(seed) {
  const [{ runSeed }, { describeHistory }] = await loaded;
  try {
    const { settings, report, tasks, done, log } = await runSeed(seed, options);
    const { attempts, deliveries, recoveries, failedRecoveries, signalled, faults } = report;
    const figures = { seed, settings, tasks, attempts, deliveries, recoveries, failedRecoveries, signalled };
    if (faults.length === 0) return figures;
    const lines = options.isVerbose ? [...done, ...log.map((event) => JSON.stringify(event))] : [];
    lines.sort((one, other) => timeOf(one) - timeOf(other));
    return { ...figures, failure: [describeHistory(report), ...lines].join('\n') };
  } catch (error) {
    return { seed, failure: error.message };
  }
}

function timeOf(line) {
  return line.startsWith('{') ? JSON.parse(line).at : Number.parseFloat(line);
}

process.on('message', async (seeds) => {
  const results = [];
  for (const seed of seeds) results.push(await resultOf(seed));
  process.send(results);
});
