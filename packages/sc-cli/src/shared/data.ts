/** Data from the command line: parsed JSON if valid, otherwise the text. */
export function dataFrom(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
