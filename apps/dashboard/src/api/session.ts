/** Who uses this page. Its tokens are in cookies that no script can read: what is known here is what the API says. */
import type { Role } from '@otedama/contracts';
import { problemMessage } from './problem.ts';

export interface Who {
  /** Absent: nobody in particular. */
  readonly identity?: { readonly kind: 'user' | 'key' | 'local'; readonly name: string; readonly role: Role };
  /** The pool has users. */
  readonly canLogIn: boolean;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
  readonly newPassword?: string;
}

export type LoginReply =
  | { readonly kind: 'done' | 'code-needed' | 'new-password-needed' }
  | { readonly kind: 'failed'; readonly message: string };

/** Start and stop are offered to those who may, and where nobody can log in to whoever might have the key. */
export const mayOperate = (who: Who | undefined): boolean =>
  who !== undefined && (who.identity === undefined ? !who.canLogIn : who.identity.role !== 'viewer');

const send = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`api/v1/session${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

/** Undefined where the API cannot say. */
export async function fetchWho(): Promise<Who | undefined> {
  try {
    const response = await send('GET', '');
    return response.ok ? ((await response.json()) as Who) : undefined;
  } catch (error) {
    // What fetch() throws when there is no answer at all.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const HALFWAY = ['code-needed', 'new-password-needed'] as const;

export async function logIn(credentials: Credentials): Promise<LoginReply> {
  try {
    const response = await send('POST', '', { ...credentials, as: 'cookie' });
    if (response.ok) return { kind: 'done' };
    const { type } = (await response.clone().json()) as { type?: string };
    const halfway = HALFWAY.find((kind) => type === `urn:otedama:problem:${kind}`);
    if (halfway !== undefined) return { kind: halfway };
    return { kind: 'failed', message: await problemMessage(response) };
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'failed', message: 'The API cannot be reached.' };
    throw error;
  }
}

/** False: there is no session to go on with. Without an answer nothing is known, and it may well go on. */
export const refreshSession = (): Promise<boolean> =>
  send('POST', '/refresh', {}).then(
    ({ ok, status }) => ok || status >= 500,
    () => true,
  );

export const logOut = (): Promise<boolean> =>
  send('DELETE', '').then(
    ({ ok }) => ok,
    () => false,
  );
