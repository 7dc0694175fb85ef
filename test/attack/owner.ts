/** Whoever runs the pool: an admin, who has logged in from a device that the pool knows since then. */
import { randomBytes } from 'node:crypto';

export interface Owner {
  readonly name: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
}

const NAME = 'owner';

const post = async (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response;
};

/** `key` is the one of the configuration; with the first user it is no longer enough to be on this machine. */
export const createOwner = async (api: string, key: string): Promise<Owner> => {
  const user = { name: NAME, role: 'admin' };
  const made = await post(`${api}/api/v1/users`, user, { 'x-api-key': key });
  const { secret: first } = (await made.json()) as { secret: string };
  const password = randomBytes(18).toString('base64url');
  const credentials = { name: NAME, password: first, newPassword: password, as: 'cookie' };
  const cookies = (await post(`${api}/api/v1/session`, credentials)).headers.getSetCookie();
  const tokenOf = (name: string): string => {
    const token = cookies.map((cookie) => new RegExp(`^otedama_${name}=([^;]+)`).exec(cookie)?.[1]);
    return token.find((found) => found !== undefined) ?? '';
  };
  return {
    name: NAME,
    password,
    accessToken: tokenOf('access'),
    refreshToken: tokenOf('refresh'),
    deviceToken: tokenOf('device'),
  };
};
