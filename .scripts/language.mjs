// `npm run language`: refuses sentences that open with a pronoun instead of a subject, in comments, texts and docs.
// CONTRIBUTING.md says which, and why.
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { refusedInCode, refusedInMarkdown } from './lib/openers.mjs';
import { root } from './lib/workspace.mjs';

/** Contains refused sentences as examples. */
const exempt = ['docs/test/language.test.ts'];

const skipped =
  /(?:^|\/)(?:node_modules|dist|\.git|\.turbo)$|^docs\/(?:reference|\.vitepress\/cache|benchmarks\/data)$/;

function* files(directory = '') {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = posix.join(directory, entry.name);
    if (skipped.test(path) || exempt.some((folder) => path.startsWith(folder))) continue;
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

function refusedIn(path) {
  const read = () => readFileSync(join(root, path), 'utf8');
  if (/\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)) return refusedInCode(path, read());
  return path.endsWith('.md') ? refusedInMarkdown(read()) : [];
}

let count = 0;
for (const path of files()) {
  for (const { line, sentence } of refusedIn(path)) {
    count++;
    console.error(`${path}:${line}: ${sentence.slice(0, 120)}`);
  }
}
if (count > 0) {
  console.error(
    `\n${count} sentences open with a pronoun. Name the subject instead: see "Language" in CONTRIBUTING.md.`,
  );
  process.exitCode = 1;
}
