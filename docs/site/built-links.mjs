// Checks the built site: every link leads to a page and an anchor that exist.
import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';

/** Broken links, one line each. */
export function checkBuiltLinks(dist) {
  const files = new Set(readdirSync(dist, { recursive: true }).map((file) => file.replaceAll('\\', '/')));
  const pages = new Map();
  for (const file of files) {
    if (!file.endsWith('.html') || file === '404.html') continue;
    const html = readFileSync(`${dist}/${file}`, 'utf8');
    const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
    const links = new Set([...html.matchAll(/<(?:a|img)\s[^>]*?(?:href|src)="([^"]*)"/g)].map(([, href]) => href));
    pages.set(file, { ids, links });
  }
  const broken = [];
  for (const [file, { links }] of pages) {
    for (const link of links) {
      if (/^([a-z]+:|\/\/)/.test(link)) continue;
      const [path, hash] = link.replaceAll('&amp;', '&').split('#');
      const target = path === '' ? file : targetOf(file, decodeURI(path));
      const id = hash === undefined ? undefined : decodeURIComponent(hash);
      const isThere = pages.has(target) ? !id || pages.get(target).ids.has(id) : files.has(target);
      if (!isThere) broken.push(`${file}: ${link}`);
    }
  }
  return broken;
}

function targetOf(file, path) {
  const full = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(file), path);
  return full === '' || full.endsWith('/') ? `${full}index.html` : full;
}
