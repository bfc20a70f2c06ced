// Writes docs/reference: copies of the Markdown files next to the code, and one page of types for each package.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import { copies, publishedPackages, root } from './pages.mjs';

const docs = join(root, 'docs');
const api = join(docs, 'reference', 'api');
/** `sc-cli` is a program and exports no types. */
const documented = publishedPackages.filter((name) => name !== 'sc-cli');

export async function writeReference() {
  rmSync(join(docs, 'reference'), { recursive: true, force: true });
  mkdirSync(join(docs, 'reference'), { recursive: true });
  for (const [page, source] of Object.entries(copies)) copyFileSync(join(root, source), join(docs, page));

  const app = await Application.bootstrapWithPlugins({
    name: 'API',
    entryPoints: documented.map((name) => join(root, 'packages', name, 'src', 'index.ts')),
    tsconfig: join(docs, 'site', 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    out: api,
    readme: 'none',
    router: 'module',
    entryFileName: 'index',
    alwaysCreateEntryPointModule: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    hideGenerator: true,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    skipErrorChecking: true,
    sanitizeComments: true,
    useHTMLEncodedBrackets: true,
    useCodeBlocks: true,
    useHTMLAnchors: true,
    parametersFormat: 'table',
    logLevel: 'Error',
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('The reference could not be generated');
  await app.generateOutputs(project);
  for (const name of documented) tidy(name);
  rmSync(join(api, 'index.md'));
}

/** Renames `sc-client/src.md` to `sc-client.md` and titles it with the name of the package. */
function tidy(name) {
  const text = readFileSync(join(api, name, 'src.md'), 'utf8')
    .replace(/^# .*$/m, `# ${name}: types`)
    .replace(/\]\(\.\.\/([\w-]+)\/src\.md/g, '](./$1.md')
    // Comments of options are also the text of docs/options.md, and their links begin there.
    .replace(/\]\(((?:guide\/)?[\w-]+\.md)/g, '](../../$1');
  writeFileSync(join(api, `${name}.md`), text);
  rmSync(join(api, name), { recursive: true });
}
