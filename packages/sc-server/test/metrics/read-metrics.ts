/** One sample: its name with the labels as they are written, and its value. */
export type Samples = ReadonlyMap<string, number>;

export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  return samples;
}

/** The sum of a metric over all its samples that have these labels. */
export function total(samples: Samples, name: string, labels: Readonly<Record<string, string | number>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const [key, value] of samples) {
    const isOther = key !== name && !key.startsWith(`${name}{`);
    if (!isOther && wanted.every((label) => key.includes(label))) sum += value;
  }
  return sum;
}

export async function scrape(port: number | undefined, accept = 'text/plain'): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } });
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`);
  return response.text();
}
