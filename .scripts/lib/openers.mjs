// Finds sentences that open with a pronoun where their subject should stand, as in "Whoever publishes gets an error".
import ts from 'typescript';

const pronouns =
  /^(?:What|Whatever|Who|Whoever|Whichever|Somebody|Nobody|Everybody|Nothing|All that|An own|Only wh(?:at|o)|So (?:many|much)|That which|Those (?:of|that|which|whose?))\b(?!['’-])/;
const isQuestion = (sentence) => sentence.endsWith('?');

/** The sentences of a text that open with a refused word. A question may. */
export function refusedSentences(text) {
  return text
    .split(/(?<=[.!?:;]["')\]*_`]*)\s+|\n\s*\n/)
    .map((sentence) =>
      sentence
        .replace(/\s+/g, ' ')
        .replace(/^[\s"'([*_`>|-]+/, '')
        .trim(),
    )
    .filter((sentence) => pronouns.test(sentence) && !isQuestion(sentence));
}

/** Tags of a documentation comment start a sentence of their own. */
const withoutTags = (comment) => comment.replace(/@(?:param\s+\S+(?:\s+-)?|[a-z]\w*)/g, '. ');

function commentText(source) {
  const inner = source.startsWith('//') ? source.slice(2) : source.slice(2, -2).replace(/^[ \t]*\*+ ?/gm, '');
  return withoutTags(inner);
}

/** Comments with their offset. Line comments that follow each other are one text. */
function commentsIn(code) {
  const comments = [];
  for (const { 0: source, index } of code.matchAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/g)) {
    const text = source.startsWith('//') ? source.replace(/\n[ \t]*\/\//g, '\n') : source;
    comments.push({ index, text: commentText(text) });
  }
  return comments;
}

const templateParts = new Set([ts.SyntaxKind.TemplateHead, ts.SyntaxKind.TemplateMiddle, ts.SyntaxKind.TemplateTail]);

/** String and template literals that hold more than one word, with their offset. */
function textsIn(file) {
  const texts = [];
  const spans = [];
  const visit = (node) => {
    if (!ts.isLiteralExpression(node) && !templateParts.has(node.kind) && !ts.isJsxText(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const index = node.getStart(file);
    spans.push([index, node.end]);
    if (!ts.isRegularExpressionLiteral(node) && /\S\s+\S/.test(node.text)) texts.push({ index, text: node.text });
  };
  visit(file);
  return { texts, spans };
}

/** Refused sentences of a JavaScript or TypeScript file: in comments, and in texts. */
export function refusedInCode(name, code) {
  const kind = /\.[jt]sx$/.test(name) ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, false, kind);
  const { texts, spans } = textsIn(file);
  let bare = '';
  let end = 0;
  for (const [from, to] of spans) {
    bare += code.slice(end, from) + code.slice(from, to).replace(/[^\n]/g, ' ');
    end = to;
  }
  return located(code, [...commentsIn(bare + code.slice(end)), ...texts]);
}

/** Refused sentences of a Markdown file. Code is not read; headings and table headers may be noun phrases with "What". */
export function refusedInMarkdown(markdown) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const prose = markdown
    .replace(/^---\n[^]*?\n---\n/, blank)
    .replace(/^( *)(```+)[^]*?^\1\2 *$/gm, blank)
    .replace(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length))
    .replace(/^#+ What\b.*$/gm, blank)
    .replace(/^\|.*\|\n(?=\| *:?-)/gm, blank);
  const blocks = [];
  for (const { 0: text, index } of prose.matchAll(/^#+ .*$|^\|.*$|(?:(?!^#|^\||^\s*$)^.*\n?)+/gm)) {
    let offset = index;
    for (const part of text.split(/(\||^\s*(?:[-*]|\d+\.) )/m)) {
      if (/\S/.test(part)) blocks.push({ index: offset, text: part.replace(/^#+/, '') });
      offset += part.length;
    }
  }
  return located(markdown, blocks);
}

const located = (source, texts) =>
  texts.flatMap(({ index, text }) =>
    refusedSentences(text).map((sentence) => ({ line: source.slice(0, index).split('\n').length, sentence })),
  );
