// Turns a picture of box-drawing characters into SVG. In plain Markdown, the text itself is the picture.
const cellWidth = 8;
const cellHeight = 18;
const middleX = cellWidth / 2;
const middleY = cellHeight / 2;

/** The edges of its cell that a character reaches from the middle. */
const strokes = {
  '─': 'lr',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'ld',
  '└': 'ru',
  '┘': 'lu',
  '├': 'udr',
  '┤': 'udl',
  '┬': 'lrd',
  '┴': 'lru',
  '┼': 'lrud',
  '▶': 'l',
  '◀': 'r',
  '▲': 'd',
  '▼': 'u',
};
const heads = {
  '▶': [-3, -4, 4, 0, -3, 4],
  '◀': [3, -4, -4, 0, 3, 4],
  '▲': [-4, 3, 0, -5, 4, 3],
  '▼': [-4, -3, 0, 5, 4, -3],
};

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => text.replace(/[&<>"]/g, (character) => escapes[character]);

/** The SVG of a picture. Screen readers read `title`. */
export function diagramSvg(text, title) {
  const rows = text
    .replace(/\s+$/, '')
    .split('\n')
    .map((line) => [...line]);
  const width = Math.max(...rows.map((row) => row.length)) * cellWidth;
  const height = rows.length * cellHeight;
  const at = (x, y) => rows[y]?.[x] ?? ' ';
  const parts = [
    ...boxes(rows, at),
    `<path class="lines" d="${linesOf(rows).join('')}"/>`,
    ...arrowHeads(rows),
    ...texts(rows),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escape(title)}" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`
  );
}

/** A filled rectangle behind every closed box. Its sides may contain text and be crossed by lines. */
function boxes(rows, at) {
  const found = [];
  eachCell(rows, (character, x, y) => {
    if (character !== '┌') return;
    const right = rows[y].indexOf('┐', x);
    if (right === -1 || /\s{2}/.test(rows[y].slice(x, right).join(''))) return;
    let bottom = y + 1;
    while (at(x, bottom) !== '└' && /[│├┤┼▶◀]/.test(at(x, bottom))) bottom += 1;
    if (at(x, bottom) !== '└' || at(right, bottom) !== '┘') return;
    const [left, top] = [x * cellWidth + middleX, y * cellHeight + middleY];
    const size = `width="${(right - x) * cellWidth}" height="${(bottom - y) * cellHeight}"`;
    found.push(`<rect class="box" x="${left}" y="${top}" ${size}/>`);
  });
  return found;
}

function linesOf(rows) {
  const lines = [];
  const ends = { l: `h-${middleX}`, r: `h${middleX}`, u: `v-${middleY}`, d: `v${middleY}` };
  eachCell(rows, (character, x, y) => {
    for (const edge of strokes[character] ?? '') {
      lines.push(`M${x * cellWidth + middleX} ${y * cellHeight + middleY}${ends[edge]}`);
    }
  });
  return lines;
}

function arrowHeads(rows) {
  const found = [];
  eachCell(rows, (character, x, y) => {
    const points = heads[character]?.map((offset, index) =>
      index % 2 === 0 ? x * cellWidth + middleX + offset : y * cellHeight + middleY + offset,
    );
    if (points !== undefined) found.push(`<polygon class="head" points="${points.join(' ')}"/>`);
  });
  return found;
}

/** Words one space apart form one text. Its length is fixed, so that the picture works with any font. */
function texts(rows) {
  return rows.flatMap((row, y) => {
    const line = row.map((character) => (character in strokes ? ' ' : character)).join('');
    return [...line.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
      const place = `x="${index * cellWidth}" y="${y * cellHeight + middleY + 4.5}"`;
      return `<text ${place} textLength="${[...words].length * cellWidth}">${escape(words)}</text>`;
    });
  });
}

function eachCell(rows, visit) {
  rows.forEach((row, y) => row.forEach((character, x) => visit(character, x, y)));
}

/**
 * Markdown-it plugin: renders a fence of the language `diagram` as a picture. The rest of the fence line is its title.
 */
export function diagrams(markdown) {
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const [language, ...title] = tokens[index].info.trim().split(' ');
    if (language !== 'diagram') return fence(tokens, index, ...rest);
    if (title.length === 0) throw new Error('A diagram needs a title after the word "diagram"');
    // One line without blank lines, so that Vue leaves it unchanged.
    return `<div class="diagram" v-pre>${diagramSvg(tokens[index].content, title.join(' '))}</div>\n`;
  };
}
