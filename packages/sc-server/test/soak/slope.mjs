/** By how much a series of `[seconds, bytes]` grows, in MB (10⁶ bytes) for ten minutes: the line of least squares. */
export function slopeOf(samples) {
  const mean = (pick) => samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const meanTime = mean(([time]) => time);
  const meanBytes = mean(([, bytes]) => bytes);
  let above = 0;
  let below = 0;
  for (const [time, bytes] of samples) {
    above += (time - meanTime) * (bytes - meanBytes);
    below += (time - meanTime) ** 2;
  }
  return below === 0 ? 0 : ((above / below) * 600) / 1e6;
}
