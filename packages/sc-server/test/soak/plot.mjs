// Draws the memory of processes over time.
const width = 900;
const height = 420;
const margin = { top: 56, right: 190, bottom: 48, left: 64 };
const colours = ['#0b6e99', '#c2410c', '#15803d', '#7e22ce', '#a16207', '#be123c', '#334155'];

/** An SVG of series `{ name, slope, samples: [seconds, bytes][] }`. */
export function plot(series, { title, warmupSeconds }) {
  const lastSecond = Math.max(1, ...series.flatMap(({ samples }) => samples.map(([time]) => time)));
  const top = niceTop(Math.max(...series.flatMap(({ samples }) => samples.map(([, bytes]) => bytes / 1e6))));
  const x = (seconds) => margin.left + (seconds / lastSecond) * (width - margin.left - margin.right);
  const y = (megabytes) => height - margin.bottom - (megabytes / top) * (height - margin.top - margin.bottom);
  const minutes = lastSecond >= 300;
  const unit = minutes ? 60 : 1;
  const step = niceStep(lastSecond / unit / 6);
  const parts = [
    text(margin.left, 24, title, 'font-weight="bold" font-size="15"'),
    text(margin.left, 42, 'resident memory (RSS) of every process, MB', 'fill="#555"'),
  ];
  for (let tick = 0; tick <= top; tick += top / 5) {
    parts.push(
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#ddd"/>`,
    );
    parts.push(text(margin.left - 8, y(tick) + 4, String(round(tick)), 'text-anchor="end"'));
  }
  for (let tick = 0; tick * unit <= lastSecond; tick += step) {
    parts.push(text(x(tick * unit), height - margin.bottom + 20, String(round(tick)), 'text-anchor="middle"'));
  }
  parts.push(
    text(
      (margin.left + width - margin.right) / 2,
      height - 8,
      minutes ? 'minutes' : 'seconds',
      'text-anchor="middle" fill="#555"',
    ),
  );
  parts.push(
    `<line x1="${round(x(warmupSeconds))}" x2="${round(x(warmupSeconds))}" y1="${margin.top}" y2="${height - margin.bottom}" stroke="#888" stroke-dasharray="4 4"/>`,
  );
  series.forEach(({ name, slope, samples }, index) => {
    const colour = colours[index % colours.length];
    const points = samples.map(([time, bytes]) => `${round(x(time))},${round(y(bytes / 1e6))}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"/>`);
    const line = margin.top + 16 + index * 34;
    parts.push(text(width - margin.right + 16, line, name, `fill="${colour}" font-weight="bold"`));
    parts.push(
      text(width - margin.right + 16, line + 15, `${signed(slope)} MB in 10 minutes`, 'fill="#555" font-size="11"'),
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x, y, content, attributes) {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${content}</text>`;
}

const round = (value) => Math.round(value * 10) / 10;
const signed = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;

function niceStep(wanted) {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * [1, 2, 5, 10].find((factor) => power * factor >= wanted);
}

const niceTop = (megabytes) => niceStep(megabytes / 5) * 5;
