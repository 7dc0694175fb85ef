/** Getting in: the first admin by the command line, then everything through the API of a pool that runs. */
import { hotp, totpStep } from '@otedama/access';
import {
  type Otedama,
  type Ran,
  type Scratch,
  runBeside,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';

const PASSWORD = 'nine lively cats 42';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

let scratch: Scratch;
let otedama: Otedama;

/** The command beside the running pool, with a password piped in. */
const cli = (args: readonly string[], input = ''): Ran => runBeside(scratch.path, ['access', ...args], input);

type Headers = Readonly<Record<string, string>>;

const send = (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> =>
  fetch(`${otedama.api}/api/${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const login = async (over: object = {}): Promise<{ accessToken: string; refreshToken: string }> => {
  const response = await send('POST', 'v1/session', { name: 'ann', password: PASSWORD, ...over });
  if (!response.ok) throw new Error(`login: ${response.status} ${await response.text()}`);
  return (await response.json()) as { accessToken: string; refreshToken: string };
};
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

const decodeBase32 = (encoded: string): Buffer => {
  const bits = [...encoded].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

beforeAll(async () => {
  scratch = scratchDirectory('access');
  otedama = await startOtedama({
    dataDir: scratch.path,
    config: "pool: {address: '127.0.0.1:PORT'}\nmining: {enable: false}\n",
  });
}, 120_000);

afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

it('takes the first admin from the machine itself, and closes the API for strangers', async () => {
  expect((await send('GET', 'v1/users')).status).toBe(403);
  expect((await send('POST', 'mining/stop')).status).not.toBe(401);
  const weak = cli(['admin', 'ann'], 'short\n');
  expect(weak.status).toBe(1);
  expect(weak.stderr).toContain('A password has at least 12 characters.');
  expect(cli(['admin', 'ann'], `${PASSWORD}\n`)).toMatchObject({ status: 0 });
  expect(cli(['admin', 'ann'], `${PASSWORD}\n`)).toMatchObject({ status: 1 });
  // The API looks again within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await send('POST', 'mining/stop')).status).toBe(401);
}, 60_000);

it('lets an admin log in, make users and keys, and puts them out again', async () => {
  expect((await send('POST', 'v1/session', { name: 'ann', password: 'something else 1' })).status).toBe(401);
  const { accessToken, refreshToken } = await login();
  const admin = bearer(accessToken);
  const added = await send('POST', 'v1/users', { name: 'bob', role: 'viewer' }, admin);
  const { secret } = (await added.json()) as { secret: string };
  const bob = { name: 'bob', password: secret };
  expect((await send('POST', 'v1/session', bob)).status).toBe(403);
  const { accessToken: bobs } = await login({ ...bob, newPassword: 'eleven quiet owls 7' });
  expect((await send('POST', 'mining/stop', undefined, bearer(bobs))).status).toBe(403);
  const made = await send('POST', 'v1/keys', { name: 'ci', role: 'operator' }, admin);
  const key = (await made.json()) as { id: string; secret: string };
  expect((await send('POST', 'mining/stop', undefined, { 'x-api-key': key.secret })).status).not.toBe(401);
  expect((await send('DELETE', `v1/keys/${key.id}`, undefined, admin)).status).toBe(200);
  expect((await send('POST', 'mining/stop', undefined, { 'x-api-key': key.secret })).status).toBe(401);
  expect((await send('PATCH', 'v1/users/bob', { isDisabled: true }, admin)).status).toBe(200);
  expect((await send('GET', 'v1/sessions', undefined, bearer(bobs))).status).toBe(401);
  expect((await send('PATCH', 'v1/users/ann', { role: 'viewer' }, admin)).status).toBe(409);
  const renewed = await send('POST', 'v1/session/refresh', { refreshToken });
  const { accessToken: next } = (await renewed.json()) as { accessToken: string };
  expect((await send('DELETE', 'v1/session', undefined, bearer(next))).status).toBe(200);
  expect((await send('GET', 'v1/users', undefined, bearer(next))).status).toBe(401);
}, 60_000);

it('asks for one-time codes once they are set up, and gets back in whoever has lost them', async () => {
  const { accessToken } = await login();
  const own = bearer(accessToken);
  const begun = await send('POST', 'v1/session/totp', { password: PASSWORD }, own);
  const { secret } = (await begun.json()) as { secret: string };
  const newCode = hotp(decodeBase32(secret), totpStep(Date.now()));
  const confirmed = await send('POST', 'v1/session/totp/confirm', { password: PASSWORD, newCode }, own);
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
  expect(recoveryCodes).toHaveLength(10);
  const without = await send('POST', 'v1/session', { name: 'ann', password: PASSWORD });
  expect(await without.json()).toMatchObject({ type: 'urn:otedama:problem:code-needed' });
  await login({ code: recoveryCodes[0] });
  const replayed = { name: 'ann', password: PASSWORD, code: recoveryCodes[0] };
  expect((await send('POST', 'v1/session', replayed)).status).toBe(401);
  const words = 'fourteen slow snails';
  expect(cli(['reset', 'ann', '--totp'], `${words}\n`)).toMatchObject({ status: 0 });
  await login({ password: words });
  const { stdout } = cli(['users', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'ann', role: 'admin', hasTotp: false },
    { name: 'bob', isDisabled: true },
  ]);
}, 60_000);

it('makes a key from the machine itself', async () => {
  const key = cli(['key', 'backup', 'admin', '--days', '1']).stdout.trim();
  expect((await send('GET', 'v1/users', undefined, { 'x-api-key': key })).status).toBe(200);
  expect(cli(['keys']).stdout).toContain('backup');
}, 60_000);
