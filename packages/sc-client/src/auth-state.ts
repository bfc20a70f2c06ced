/** Whether the server considers the socket's token valid. */
export type AuthState = 'authenticated' | 'unauthenticated';

/**
 * Transitions of the authentication state. `accepted`: the server accepted or issued a token. `removed`: the token is
 * no longer valid.
 */
export type AuthCause = 'accepted' | 'removed';

export interface AuthStep {
  readonly state: AuthState;
  readonly event?: 'authenticate' | 'deauthenticate' | undefined;
}

type Row = Partial<Record<AuthCause, readonly [AuthState, ('authenticate' | 'deauthenticate')?]>>;

/** Next state and emitted event for each cause. A cause without a row changes nothing. */
export const authSteps: Readonly<Record<AuthState, Readonly<Row>>> = {
  unauthenticated: { accepted: ['authenticated', 'authenticate'] },
  authenticated: { accepted: ['authenticated', 'authenticate'], removed: ['unauthenticated', 'deauthenticate'] },
};

export function nextAuthStep(current: AuthState, cause: AuthCause): AuthStep {
  const [state, event] = authSteps[current][cause] ?? [current];
  return { state, event };
}
