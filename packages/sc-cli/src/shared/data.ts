/** Data from the command line: JSON when it is JSON, else the text itself. */
export function dataFrom(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
