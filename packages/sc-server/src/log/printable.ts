/** Everything that a terminal obeys, and everything that any reader takes for the end of a line. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Log injection: a line break or terminal code inside a value must not look like a line of ours. */
export function printable(text: string): string {
  return text.replace(controls, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

const maxLoggedLength = 100;

/** The part of a text of a client that is logged. */
export function cutForLog(text: string): string {
  return text.slice(0, maxLoggedLength);
}
