import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from './code-blocks.js';
import type { CodeBlock } from './code-blocks.js';
import { runProcess, startProcess } from './start-process.js';
import type { FinishedProcess, StartedProcess } from './start-process.js';
import type { TempDir } from './temp-dir.js';

/** A code block that is a program, and its file name. */
export interface Program {
  readonly file: string;
  readonly text: string;
  readonly line: number;
  /** Whether another block starts it. */
  readonly isPart: boolean;
  /** Whether it listens and runs until stopped. */
  readonly isServer: boolean;
}

/** The JavaScript blocks of a Markdown text. */
export function scriptsIn(markdown: string): CodeBlock[] {
  return codeBlocks(markdown).filter(({ language }) => ['js', 'javascript', 'mjs', 'cjs'].includes(language));
}

/**
 * The JavaScript blocks that import a package of this project, or belong to one that does. Excludes blocks with
 * `on=SOMEWHERE` after the fence, which are parts of a program that is not shown.
 */
export function programsIn(markdown: string): Program[] {
  const blocks = scriptsIn(markdown).filter(({ info }) => !/\bon=\S/.test(info));
  const named = blocks.map((block, index) => ({ block, file: nameOf(block) ?? `program-${index}.js` }));
  return named
    .map(({ block: { text, line }, file }) => ({
      file,
      text,
      line,
      isPart: named.some(({ block }) => block.text !== text && block.text.includes(`'${file}'`)),
      isServer: /\.listen\(|new SocketCluster\(|SCServer\.listen\(/.test(text) && !/\.close\(\)/.test(text),
    }))
    .filter(({ text, isPart }) => isPart || /from '[a-z-]+\/?[a-z]*'|require\('[a-z-]+'\)/.test(text));
}

/** `file=NAME` on the fence, or `// NAME.js` on the first line. */
function nameOf({ info, text }: CodeBlock): string | undefined {
  return /file=(\S+)/.exec(info)?.[1] ?? /^\/\/ (\S+\.[cm]?js)\b/.exec(text)?.[1];
}

export interface ProgramPlace {
  /** Directory from which the programs resolve packages; they are saved in a new directory within. */
  readonly parent: string;
  /** Replaces 8000 in the programs. */
  readonly port: number;
}

export interface ProgramRun extends ProgramPlace {
  /** Called when a program that is not a server has ended. */
  readonly onEnd: (program: Program, end: FinishedProcess) => void;
}

/** Saves programs in a new directory. */
export function savePrograms(programs: readonly Program[], { parent, port }: ProgramPlace): TempDir {
  const path = mkdtempSync(join(parent, '.programs-'));
  const type = programs.some(({ text }) => /^(import|export) /m.test(text)) ? 'module' : 'commonjs';
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type }));
  for (const { file, text } of programs) writeFileSync(join(path, file), text.replaceAll('8000', String(port)));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs the programs of one text in order. A server runs until the next one starts, or to the end. */
export async function runPrograms(programs: readonly Program[], { onEnd, ...place }: ProgramRun): Promise<void> {
  const directory = savePrograms(programs, place);
  const cwd = directory.path;
  let server: StartedProcess | undefined;
  try {
    for (const program of programs.filter(({ isPart }) => !isPart)) {
      if (program.isServer) {
        await server?.stop();
        server = await startProcess(program.file, { cwd, readyLine: /^(?!\{).+$/m });
      } else {
        onEnd(program, await runProcess(program.file, { cwd, deadlineMs: 30_000 }));
      }
    }
  } finally {
    await server?.stop();
    directory.remove();
  }
}
