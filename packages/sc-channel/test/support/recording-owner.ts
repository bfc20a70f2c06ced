import type { ChannelOwner } from '../../src/index.js';
import { ChannelSet, channelOptionChecks } from '../../src/index.js';

/** An owner that writes down what it was asked, and a set that it owns. */
export function recordingOwner(): {
  readonly set: ChannelSet;
  readonly asked: string[];
  readonly events: unknown[][];
  readonly errors: unknown[];
  publish: (name: string, data: unknown) => Promise<unknown>;
} {
  const asked: string[] = [];
  const events: unknown[][] = [];
  const errors: unknown[] = [];
  const owner: ChannelOwner = {
    optionChecks: channelOptionChecks,
    requestSubscribe: ({ name }) => asked.push(`subscribe ${name}`),
    requestUnsubscribe: (name) => asked.push(`unsubscribe ${name}`),
    publish: (name, data) => recording.publish(name, data),
    reportError: (error) => errors.push(error),
    channelEvent: (...event) => events.push(event),
  };
  const recording = {
    set: new ChannelSet(owner),
    asked,
    events,
    errors,
    publish: (name: string, data: unknown): Promise<unknown> => {
      asked.push(`publish ${name} ${JSON.stringify(data)}`);
      return Promise.resolve('ok');
    },
  };
  return recording;
}
