import { useCallback, useEffect, useRef, useState } from 'react';
import { useSocket } from './context.js';

/** The result of `useCall`. */
export interface Call<Argument extends readonly unknown[], Answer> {
  /**
   * Calls the procedure. Resolves with the response, and rejects with the error. A further call, or unmounting the
   * component, aborts a call in flight, which rejects with `AbortedError`.
   */
  readonly call: (...argument: Argument) => Promise<Answer>;
  /** The last response; kept while the next call is in flight. */
  readonly data: Answer | undefined;
  /** The error of the last call. */
  readonly error: unknown;
  readonly isPending: boolean;
}

interface Outcome<Answer> {
  readonly data: Answer | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
}

/** Calls a procedure of the server, and renders the component with the outcome of the last call. */
export function useCall<Argument extends readonly unknown[] = [data?: unknown], Answer = unknown>(
  procedure: string,
): Call<Argument, Answer> {
  const socket = useSocket();
  const [outcome, setOutcome] = useState<Outcome<Answer>>({ data: undefined, error: undefined, isPending: false });
  const current = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => current.current?.abort(), []);

  const call = useCallback(
    async (...[data]: Argument): Promise<Answer> => {
      current.current?.abort();
      const own = (current.current = new AbortController());
      const isCurrent = (): boolean => current.current === own && !own.signal.aborted;
      setOutcome((before) => ({ ...before, isPending: true }));
      try {
        const answer = (await socket.invoke(procedure, data, { signal: own.signal })) as Answer;
        if (isCurrent()) setOutcome({ data: answer, error: undefined, isPending: false });
        return answer;
      } catch (error) {
        if (isCurrent()) setOutcome((before) => ({ ...before, error, isPending: false }));
        throw error;
      }
    },
    [socket, procedure],
  );
  return { call, ...outcome };
}
