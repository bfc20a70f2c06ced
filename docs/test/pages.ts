import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const docs = fileURLToPath(new URL('..', import.meta.url));
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every handwritten page, by its path within `docs`. */
export function pages(): string[] {
  return readdirSync(docs, { withFileTypes: true })
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name];
      if (['node_modules', 'reference', 'site', 'test', '.vitepress'].includes(entry.name)) return [];
      return readdirSync(join(docs, entry.name)).map((file) => `${entry.name}/${file}`);
    })
    .filter((file) => file.endsWith('.md'))
    .sort();
}

export const textOf = (page: string) => readFileSync(join(docs, page), 'utf8');

/** The headings of one level, in order. */
export function headings(markdown: string, level: number): string[] {
  const mark = '#'.repeat(level);
  return [...markdown.matchAll(new RegExp(`^${mark} (.+)$`, 'gm'))].map(([, text = '']) => text);
}
