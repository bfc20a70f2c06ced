// Pages whose Markdown lives outside of docs/, and the resolution of links.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTable } from './with-table.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const repository = 'https://github.com/SocketCluster/socketcluster/blob/main';

/** Names of the published packages. */
export const publishedPackages = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .filter((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).private !== true);

/** Pages that are copied before a build, with their sources. */
export const copies = {
  'reference/protocol.md': 'packages/sc-protocol/PROTOCOL.md',
  'reference/contributing.md': 'CONTRIBUTING.md',
  'reference/reporting.md': 'SECURITY.md',
  ...Object.fromEntries(publishedPackages.map((name) => [`reference/${name}.md`, `packages/${name}/README.md`])),
};
const pageOfCopy = Object.fromEntries(Object.entries(copies).map(([page, source]) => [source, page]));

/** Address at which the source of a page is edited. A page of types is made of the code of its package. */
export const editPattern = withTable(
  { copies, edit: repository.replace('/blob/', '/edit/') },
  (table, { filePath }) => {
    const types = /^reference\/api\/([\w-]+)\.md$/.exec(filePath);
    const source = types ? `packages/${types[1]}/src/index.ts` : table.copies[filePath] || `docs/${filePath}`;
    return `${table.edit}/${source}`;
  },
);

/** Pages that are renamed on the site: a directory's README becomes its index. */
export const rewrites = { 'benchmarks/README.md': 'benchmarks/index.md' };

/**
 * Resolves a link of a page: within the site if possible, else to the repository. Throws if the target does not exist.
 */
export function siteLink(page, href) {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path, hash = ''] = href.split(/(?=#)/);
  const source = copies[page] ?? `docs/${page}`;
  const target = markdownOf(posix.join(posix.dirname(source), path));
  if (!existsSync(join(root, target))) throw new Error(`Broken link in ${source}: ${href}`);
  const onSite = pageOfCopy[target] ?? (target.startsWith('docs/') ? target.slice('docs/'.length) : undefined);
  if (onSite === undefined) return `${repository}/${target}${hash}`;
  const relative = posix.relative(posix.dirname(page), rewrites[onSite] ?? onSite);
  return `${relative.startsWith('.') ? relative : `./${relative}`}${hash}`;
}

/** A link to a directory means its README. */
function markdownOf(path) {
  const full = join(root, path);
  const isDirectory = existsSync(full) && statSync(full).isDirectory();
  return isDirectory && existsSync(join(full, 'README.md')) ? posix.join(path, 'README.md') : path;
}

/** Markdown-it plugin: applies `siteLink` to every link, except in generated pages, whose links are correct already. */
export function repositoryLinks(markdown) {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const page = env.relativePath?.replace('benchmarks/index.md', 'benchmarks/README.md');
    if (page === undefined || dirname(page) === 'reference/api') return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', siteLink(page, href));
    }
  });
}
