// The page. It runs in the browser, with the script build of sc-client as the global `socketCluster`.
import type { App, Note } from './app.js';

declare const socketCluster: typeof import('sc-client');

const state = element('state', HTMLElement);
const wall = element('wall', HTMLElement);
const form = element('form', HTMLFormElement);
const text = element('text', HTMLInputElement);

const socket = socketCluster.connect<App>();

socket.on('connect', () => {
  void say(socket.invoke('hello', 'there'));
});
socket.on('disconnect', () => {
  state.textContent = 'Connection lost. Reconnecting …';
});

socket.subscribe('wall').watch(({ text, at }: Note) => {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date(at).toLocaleTimeString();
  item.append(text, time);
  wall.prepend(item);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const written = socket.invoke('write', text.value).then((note) => {
    text.value = '';
    return `Written at ${new Date(note.at).toLocaleTimeString()}`;
  });
  void say(written);
});

/** Shows an answer, or the error. */
async function say(answer: Promise<string>): Promise<void> {
  try {
    state.textContent = await answer;
  } catch (error) {
    state.textContent = error instanceof Error ? error.message : String(error);
  }
}

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} #${id}`);
}
