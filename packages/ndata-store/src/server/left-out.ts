import type { Publication } from '../data/publication.js';
import type { LostNotice } from '../wire/lost-notice.js';

/** Maximum number of channels per notice. */
const noticeChannels = 5000;

/** Records the data that was dropped for a slow consumer. */
export class LeftOut {
  /** Number of the last dropped publication, by channel. */
  #channels = new Map<string, number>();
  #members = new Set<string>();
  #changes = 0;
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  publication({ channel, live }: Publication): void {
    this.#isEmpty = false;
    this.#channels.set(channel, live);
  }

  change(): void {
    this.#isEmpty = false;
    this.#changes++;
  }

  member(channel: string): void {
    this.#isEmpty = false;
    this.#members.add(channel);
  }

  /** Returns the notices of all dropped data and resets the record. */
  take(): string[] {
    const channels = [...this.#channels];
    const members = [...this.#members];
    const notices: string[] = [];
    const count = Math.max(channels.length, members.length, 1);
    for (let i = 0; i < count; i += noticeChannels) {
      const notice: LostNotice = {
        channels: channels.slice(i, i + noticeChannels),
        changes: i === 0 ? this.#changes : 0,
        members: members.slice(i, i + noticeChannels),
      };
      notices.push(JSON.stringify(notice));
    }
    this.#channels = new Map();
    this.#members = new Set();
    this.#changes = 0;
    this.#isEmpty = true;
    return notices;
  }
}
