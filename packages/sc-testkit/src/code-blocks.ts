/** A fenced block of a Markdown text. */
export interface CodeBlock {
  /** The first word after the fence, for example `js`. */
  readonly language: string;
  /** The rest of the fence line, for example `file=worker.js`. */
  readonly info: string;
  readonly text: string;
  /** Line of the fence, from 1. */
  readonly line: number;
}

/** The fenced code blocks of a Markdown text, in order. Throws if a fence is not closed. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open:
    { fence: string; indent: number; language: string; info: string; line: number; lines: string[] } | undefined;
  markdown.split(/\r?\n/).forEach((text, index) => {
    const fence = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*([^`]*)$/.exec(text);
    if (open === undefined) {
      if (fence === null) return;
      const [, indent = '', mark = '', language = '', info = ''] = fence;
      open = { fence: mark, indent: indent.length, language, info: info.trim(), line: index + 1, lines: [] };
    } else if (fence?.[2]?.startsWith(open.fence) === true && fence[3] === '') {
      const { language, info, line, lines } = open;
      blocks.push({ language, info, line, text: `${lines.join('\n')}\n` });
      open = undefined;
    } else {
      open.lines.push(text.slice(Math.min(open.indent, text.length - text.trimStart().length)));
    }
  });
  if (open !== undefined) throw new Error(`The code block that starts on line ${open.line} is not closed`);
  return blocks;
}
