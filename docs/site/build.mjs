// Builds the site into docs/.vitepress/dist. A broken link fails.
import { join } from 'node:path';
import { build } from 'vitepress';
import { checkBuiltLinks } from './built-links.mjs';
import { root } from './pages.mjs';
import { writeReference } from './reference.mjs';

const docs = join(root, 'docs');
const dist = join(docs, '.vitepress', 'dist');
await writeReference();
await build(docs);
const broken = checkBuiltLinks(dist);
if (broken.length > 0) {
  console.error(`Broken links:\n  ${broken.join('\n  ')}`);
  process.exitCode = 1;
} else {
  console.log(`The site is in ${dist}`);
}
