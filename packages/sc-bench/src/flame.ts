import { readFileSync, writeFileSync } from 'node:fs';
import { flameSvg } from './flame/flame-svg.js';
import { profileTree, type CpuProfile } from './flame/profile-tree.js';

// Draws a CPU profile of a server as a flame graph: node dist/flame.js <profile> <svg> <title>
const [profile, out, title = profile] = process.argv.slice(2);
if (profile === undefined || out === undefined || title === undefined) {
  console.error('Usage: node dist/flame.js <file.cpuprofile> <out.svg> [title]');
  process.exitCode = 2;
} else {
  // The middle of the run: excludes startup, connecting, warm-up and shutdown.
  const tree = profileTree(JSON.parse(readFileSync(profile, 'utf8')) as CpuProfile, 0.5, 0.95);
  writeFileSync(out, flameSvg(tree, title));
}
