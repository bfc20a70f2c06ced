import { escapeXml } from '../report/escape-xml.js';
import type { Frame } from './profile-tree.js';

const width = 1200;
const rowHeight = 17;
const top = 52;
const leastShare = 0.002;
const charWidth = 6.3;

/** Origin of a function's code. */
const owners = [
  { name: 'the kernel and native code', colour: '#d98', owns: (url: string) => url === '' },
  { name: 'Node', colour: '#9bd', owns: (url: string) => url.startsWith('node:') },
  { name: 'packages', colour: '#cc9', owns: (url: string) => url.includes('/node_modules/') },
  { name: 'sc-server and its packages', colour: '#7c9', owns: () => true },
] as const;

/** Draws a flame graph: each frame is called by the frame below it, and its width is proportional to its time. */
export function flameSvg(root: Frame, title: string): string {
  const rows: string[] = [];
  let depth = 0;
  const draw = (frame: Frame, x: number, level: number): void => {
    const share = frame.time / root.time;
    if (share < leastShare) return;
    depth = Math.max(depth, level);
    rows.push(bar(frame, x, share, level));
    let at = x;
    for (const child of [...frame.children.values()].sort((one, other) => other.time - one.time)) {
      draw(child, at, level + 1);
      at += (child.time / root.time) * width;
    }
  };
  draw(root, 0, 0);
  const height = top + (depth + 1) * rowHeight + 10;
  const legend = owners.map(
    ({ name, colour }, i) =>
      `<rect x="${10 + i * 230}" y="28" width="12" height="12" fill="${colour}"/><text x="${27 + i * 230}" y="39">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="18" font-size="14" font-family="sans-serif" font-weight="bold">${escapeXml(title)}</text>`,
    ...legend,
    `<g transform="translate(0 ${height - 10}) scale(1 -1)">`,
    ...rows,
    '</g>',
    '</svg>\n',
  ].join('\n');
}

function bar(frame: Frame, x: number, share: number, level: number): string {
  const y = level * rowHeight;
  const room = Math.floor((share * width - 6) / charWidth);
  const { colour } = owners.find(({ owns }) => owns(frame.url)) ?? owners[0];
  const label = room < 3 ? '' : escapeXml(frame.name.slice(0, room));
  const text =
    label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${-y - 5}" transform="scale(1 -1)">${label}</text>`;
  const percent = (share * 100).toFixed(1);
  return `<g><title>${escapeXml(frame.name)} ${percent} %</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, share * width - 0.5).toFixed(1)}" height="${rowHeight - 1}" fill="${colour}"/>${text}</g>`;
}
