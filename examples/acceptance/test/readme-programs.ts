import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeBlocks } from 'sc-testkit';
import type { CodeBlock, TempDir } from 'sc-testkit';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A code block that is a program, and the file it is saved under. */
export interface Program {
  readonly file: string;
  readonly text: string;
  readonly line: number;
  /** Another block starts it. */
  readonly isPart: boolean;
  /** It listens, and runs until it is told to stop. */
  readonly isServer: boolean;
}

const isScript = ({ language }: CodeBlock) => ['js', 'javascript', 'mjs', 'cjs'].includes(language);

/** Every Markdown file that is written for people, by its path from the root. */
export function markdownFiles(): string[] {
  const packages = readdirSync(join(root, 'packages')).flatMap((name) =>
    readdirSync(join(root, 'packages', name))
      .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')
      .map((file) => `packages/${name}/${file}`),
  );
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : [];
  return ['README.md', 'CONTRIBUTING.md', ...packages, ...docs.map((file) => `docs/${String(file)}`)].filter((file) =>
    file.endsWith('.md'),
  );
}

/** The README of every published package. */
export function publishedReadmes(): string[] {
  return readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .filter((name) => {
      const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
      return (JSON.parse(manifest) as { private?: boolean }).private !== true;
    })
    .map((name) => `packages/${name}/README.md`);
}

/** The JavaScript blocks of a Markdown file; none when it is not there. */
export function scriptsOf(file: string): CodeBlock[] {
  if (!existsSync(join(root, file))) return [];
  return codeBlocks(readFileSync(join(root, file), 'utf8')).filter(isScript);
}

/** The blocks that load a package of ours or belong to one that does. */
export function programsOf(file: string): Program[] {
  const blocks = scriptsOf(file);
  const named = blocks.map((block, index) => ({ block, file: nameOf(block) ?? `program-${index}.js` }));
  return named
    .map(({ block: { text, line }, file: name }) => ({
      file: name,
      text,
      line,
      isPart: named.some(({ block }) => block.text !== text && block.text.includes(`'${name}'`)),
      isServer: /\.listen\(|new SocketCluster\(|SCServer\.listen\(/.test(text) && !/\.close\(\)/.test(text),
    }))
    .filter(({ text, isPart }) => isPart || /from '[a-z-]+\/?[a-z]*'|require\('[a-z-]+'\)/.test(text));
}

/** `file=NAME` on the fence, or `// NAME.js` on the first line. */
function nameOf({ info, text }: CodeBlock): string | undefined {
  return /file=(\S+)/.exec(info)?.[1] ?? /^\/\/ (\S+\.[cm]?js)\b/.exec(text)?.[1];
}

/** Saves programs where they find the packages, with a port of their own instead of 8000. */
export function savePrograms(programs: readonly Program[], port: number): TempDir {
  // Inside this example, whose modules include all packages.
  const path = mkdtempSync(fileURLToPath(new URL('../.programs-', import.meta.url)));
  const type = programs.some(({ text }) => /^(import|export) /m.test(text)) ? 'module' : 'commonjs';
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type }));
  for (const { file, text } of programs) writeFileSync(join(path, file), text.replaceAll('8000', String(port)));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
