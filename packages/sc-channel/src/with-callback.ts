/** Tells a callback the outcome too; a rejection of the promise may then be left alone. */
export function withCallback<Answer>(
  outcome: Promise<Answer>,
  callback?: (error: Error | null, answer?: Answer) => void,
): Promise<Answer> {
  if (callback !== undefined) {
    outcome.then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(error as Error),
    );
  }
  return outcome;
}
