/**
 * Also passes the outcome to the callback. With a callback, an ignored rejection of the promise is not reported as
 * unhandled.
 */
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
