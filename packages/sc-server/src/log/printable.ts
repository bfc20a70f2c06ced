/** All control characters that a terminal interprets, and all characters that any reader treats as a line end. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Escapes control characters to prevent log injection: a line break or terminal code inside a value must not look like
 * a line of the log.
 */
export function printable(text: string): string {
  return text.replace(controls, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

const maxLoggedLength = 100;

/** Truncates a text from a client for the log. */
export function cutForLog(text: string): string {
  return text.slice(0, maxLoggedLength);
}
