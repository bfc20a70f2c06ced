/** Whether the server takes the socket's token for valid. */
export type AuthState = 'authenticated' | 'unauthenticated';

/** What can happen to it. `accepted`: the server took a token, or gave one. `removed`: a token is no longer valid. */
export type AuthCause = 'accepted' | 'removed';

export interface AuthStep {
  readonly state: AuthState;
  readonly event?: 'authenticate' | 'deauthenticate';
}

/** Total: every cause in every state has a row. */
export const authSteps: Readonly<Record<AuthState, Readonly<Record<AuthCause, AuthStep>>>> = {
  unauthenticated: {
    accepted: { state: 'authenticated', event: 'authenticate' },
    removed: { state: 'unauthenticated' },
  },
  authenticated: {
    accepted: { state: 'authenticated', event: 'authenticate' },
    removed: { state: 'unauthenticated', event: 'deauthenticate' },
  },
};

export function nextAuthStep(state: AuthState, cause: AuthCause): AuthStep {
  return authSteps[state][cause];
}
