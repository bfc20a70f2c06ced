import type { LoadReport } from '../load/load-generator.js';

/** A client that is busy for a larger share of the time may be the bottleneck of the run. */
const clientLimit = 0.9;

/** Returns why a run is rejected, or `undefined` if it is valid. */
export function problemOf(report: LoadReport, expectedText: string, serverBusy: number): string | undefined {
  if (report.closed > 0) return `the server closed ${report.closed} connections`;
  if (report.lost > 0) return `${report.lost} messages were lost`;
  if (report.extra > 0) return `${report.extra} messages came that nobody sent`;
  if (report.messages === 0) return 'nothing came back';
  if (report.minLength !== report.maxLength) {
    return `messages had ${report.minLength} to ${report.maxLength} bytes instead of one length`;
  }
  if (report.sample !== '' && !Buffer.from(report.sample, 'hex').toString('utf8').includes(expectedText)) {
    return 'a message did not hold what was sent';
  }
  const clientBusy = report.busy / report.seconds;
  if (clientBusy > clientLimit && clientBusy > serverBusy) {
    return `the client was the limit (busy ${percent(clientBusy)} of the time, the server ${percent(serverBusy)})`;
  }
  return undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
