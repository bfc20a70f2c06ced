import { readFileSync } from 'node:fs';

/** A test file of this folder: its text, and the titles in it in their order, those of `describe` among them. */
export function namesOfTests(file: string): { readonly text: string; readonly titles: readonly string[] } {
  const text = readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
  const calls = /\b(?:describe|it)(?:\.each(?:<[^>]*>)?\((?:[^()]|\([^()]*\))*\))?\(\s*(['"`])((?:(?!\1).)+)\1/gs;
  return { text, titles: [...text.matchAll(calls)].map(([, , title = '']) => title) };
}
