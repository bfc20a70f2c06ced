import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from 'sc-testkit';
import ts from 'typescript';
import { contexts } from './contexts.js';
import { docs, root } from './pages.js';

const strictness: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
  types: ['node'],
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};
/** JavaScript blocks declare no parameter types, and their catch clauses accept any value. */
const laxness: ts.CompilerOptions = {
  ...strictness,
  strict: false,
  strictNullChecks: false,
  allowJs: true,
  checkJs: true,
};

/** Compiler errors in the JavaScript and TypeScript blocks of these texts, one line each. */
export function compileBlocks(texts: Readonly<Record<string, string>>): string[] {
  const scripts = new Map<string, VirtualFile>();
  const typed = new Map<string, VirtualFile>();
  for (const [page, text] of Object.entries(texts)) {
    for (const block of codeBlocks(text)) {
      const isScript = ['js', 'mjs', 'cjs', 'javascript'].includes(block.language);
      if (!isScript && block.language !== 'ts' && block.language !== 'tsx') continue;
      const context = /\bon=(\S+)/.exec(block.info)?.[1];
      const prelude = context === undefined ? '' : contexts[context];
      if (prelude === undefined) return [`${page}:${block.line}: there is no context "${context ?? ''}"`];
      // Only TypeScript can contain declarations, so the context of a script goes into a file of its own kind.
      const isCommonJs = /\brequire\(/.test(block.text);
      const kind = isScript && prelude === '' ? 'js' : 'ts';
      const extension = block.language === 'tsx' ? 'tsx' : `${isCommonJs ? 'c' : 'm'}${kind}`;
      const name = join(docs, `${page.replace(/\W/g, '-')}-${block.line}.${extension}`);
      const oneLine = prelude.replace(/\s*\n\s*/g, ' ');
      const file = { page, line: block.line, text: `${oneLine}${prelude === '' ? '' : ' '}${block.text}\nexport {};` };
      (isScript ? scripts : typed).set(name, isCommonJs ? { ...file, text: block.text } : file);
    }
  }
  return [...compile(scripts, laxness), ...compile(typed, strictness)];
}

interface VirtualFile {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

function compile(files: ReadonlyMap<string, VirtualFile>, options: ts.CompilerOptions): string[] {
  const host = ts.createCompilerHost(options);
  const real = ts.createCompilerHost(options);
  host.getCurrentDirectory = () => docs;
  host.fileExists = (name) => files.has(name) || real.fileExists(name);
  host.readFile = (name) => files.get(name)?.text ?? real.readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const file = files.get(name);
    return file === undefined
      ? real.getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, file.text, language, true);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const source = file === undefined ? undefined : files.get(file.fileName);
    if (file === undefined || source === undefined) return `${file?.fileName.replace(root, '') ?? ''}: ${text}`;
    return `${source.page}:${source.line + 1 + file.getLineAndCharacterOfPosition(start).line}: ${text}`;
  });
}

/** Names of the scripts in the root `package.json`. */
export function rootScripts(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  return Object.keys(manifest.scripts);
}
