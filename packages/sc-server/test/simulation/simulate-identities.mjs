// Runs seeds of the simulation of identities and prints every fault with its seed.
//
//   node simulate-identities.mjs FIRST COUNT [FAULT]        VERBOSE=1 prints what was done in a seed that fails
import './globals.mjs';
import './disk.mjs';
import './network.mjs';

// After the replacements.
const { runIdentities } = await import('./identities.mjs');

const [first, count, fault] = process.argv.slice(2);
const isVerbose = process.env.VERBOSE !== undefined;
const total = { seeds: 0, failed: 0, publications: 0, calls: 0 };
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  total.seeds++;
  try {
    const { problems, publications, calls, done } = await runIdentities(seed, { fault, isVerbose });
    total.publications += publications;
    total.calls += calls;
    if (problems.length === 0) continue;
    console.log([`Seed ${seed}: ${problems.join('; ')}`, ...done].join('\n'));
  } catch (error) {
    console.log(error.message);
  }
  total.failed++;
}
console.log(JSON.stringify(total));
