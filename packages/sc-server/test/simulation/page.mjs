// A page of the visitor: one client, whose token is shared with the other pages as by `localStorage`.
import { SimulatedProcess } from './scheduler.mjs';

export class Page {
  socket;
  calls = 0;
  #setting;
  #process;
  /** How often each call has ended. */
  #ends = new Map();
  #lastOf = new Map();

  constructor(setting) {
    this.#setting = setting;
    this.#process = new SimulatedProcess(setting.name);
    setting.scheduler.schedule(0, () => this.#start(), this.#process);
  }

  /** Does something in this page. */
  run(what, act) {
    const { scheduler, log, name } = this.#setting;
    log(name, what);
    scheduler.schedule(0, () => act(this.socket), this.#process);
  }

  /** The same, and counts how often the promise ends. */
  call(what, act) {
    const call = `${what} (${++this.calls})`;
    this.run(what, (socket) => {
      this.#ends.set(call, 0);
      const ended = () => void this.#ends.set(call, this.#ends.get(call) + 1);
      act(socket).then(ended, ended);
    });
  }

  subscribe(channel) {
    const { scheduler, channelNames } = this.#setting;
    const waitForAuth = channel === channelNames[0] || (channel === channelNames[1] && scheduler.random() < 0.5);
    this.run(`subscribes to ${channel}`, (socket) => socket.subscribe(channel, waitForAuth ? { waitForAuth } : {}));
  }

  /** Differences between this page and the server when nothing is under way. */
  disagreements(core) {
    const { name, channelNames } = this.#setting;
    const { socket } = this;
    const found = [];
    const say = (text) => found.push(`${name}: ${text}`);
    if (socket.state !== 'open') say(`is ${socket.state}`);
    if (core === undefined) say('is unknown at the server');
    const [here, there] = [socket.authToken?.id, core?.identity.token?.id];
    if (here !== there) say(`has token ${here}, the server ${there}`);
    if ((socket.authState === 'authenticated') !== (there !== undefined))
      say(`is ${socket.authState}, the server has ${there}`);
    for (const channel of channelNames) {
      const isHere = socket.isSubscribed(channel);
      const isThere = core?.subscriptions?.isActive(channel) === true;
      if (isHere !== isThere)
        say(`${channel} is ${isHere ? 'subscribed here, not there' : 'subscribed there, not here'}`);
      const isPending = !isHere && socket.isSubscribed(channel, true);
      if (isPending && there !== undefined) say(`${channel} is pending although there is a token`);
    }
    for (const [call, times] of this.#ends) if (times !== 1) say(`${call} ended ${times} times`);
    return found;
  }

  #start() {
    const { connect, source, name, log } = this.#setting;
    const socket = connect({
      hostname: 'simulated',
      port: 1,
      secure: false,
      authEngine: this.#tokenStore(),
      ackTimeout: 3000,
      connectTimeout: 2000,
      autoReconnectOptions: { initialDelay: 20, randomness: 100, maxDelay: 300 },
      ...(source !== undefined && { auth: source }),
    });
    this.socket = socket;
    socket.on('error', (error) => log(name, error.message));
    this.#watch();
  }

  #watch() {
    const { channelNames, broken, isAllowed, name, log } = this.#setting;
    const { socket } = this;
    for (const channel of channelNames) {
      const handle = socket.channel(channel);
      let isSubscribed = false;
      handle.watch((data) => {
        log(name, `has got ${channel} ${data}`);
        if (!handle.isSubscribed(true)) broken(`${name}: ${channel} ${data} came without a subscription`);
        if (data <= (this.#lastOf.get(channel) ?? 0)) broken(`${name}: ${channel} ${data} came twice or out of order`);
        this.#lastOf.set(channel, data);
        if (channel !== channelNames[0]) return;
        if (socket.authState !== 'authenticated') broken(`${name}: ${channel} ${data} came after the token`);
        if (!isAllowed(data, socket.id))
          broken(`${name}: ${channel} ${data} was published when its token did not allow it`);
      });
      for (const event of ['subscribe', 'unsubscribe']) {
        handle.on(event, () => {
          log(name, `${event} ${channel}`);
          if (isSubscribed === (event === 'subscribe')) broken(`${name}: ${channel}: ${event} twice`);
          isSubscribed = event === 'subscribe';
        });
      }
    }
  }

  #tokenStore() {
    const { shared, scheduler, name } = this.#setting;
    const { watchers } = shared;
    const write = (token) => {
      if (shared.token === token) return;
      shared.token = token;
      for (const [other, { changed, process }] of watchers) {
        // A page hears of the changes of the others, and with some stores of its own.
        if (other === name && scheduler.random() < 0.5) continue;
        scheduler.schedule(scheduler.between(0.5, 10), () => changed(shared.token), process);
      }
    };
    return {
      loadToken: () => shared.token,
      saveToken: (_key, token) => write(token),
      removeToken: () => write(null),
      watchToken: (_key, changed) => {
        watchers.set(name, { changed, process: this.#process });
        return () => watchers.delete(name);
      },
    };
  }
}
